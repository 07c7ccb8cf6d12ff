// The extension in a real VS Code. What is checked stands in the `.cases.ts` files, which run inside.

import assert from 'node:assert/strict';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { binary } from '../binary';
import { BINARY, TWIN } from '../twin';
import type { Service } from './desk';
import { inCode, type Run } from './outside';
import { type Name, Programs } from './programs';

const root = mkdtempSync(path.join(tmpdir(), 'hookshift-host-'));
after(() => rmSync(root, { recursive: true, force: true }));

/** What VS Code says of itself when it starts the server, for the tests that speak the protocol without VS Code. */
const INITIALIZE = path.resolve('test/lsp/initialize.json');

interface Scenario {
  readonly trusted: boolean;
  /** What the machine's settings name. */
  readonly program: Name | 'missing';
  readonly workspaceSettings?: (programs: Programs) => Record<string, unknown>;
  readonly afterwards?: (programs: Programs) => void;
}

function scenario(
  name: string,
  title: string,
  { trusted, program, workspaceSettings, afterwards }: Scenario,
) {
  test(title, async (t) => {
    const hookshift = binary();
    const place = path.join(root, name);
    const programs = new Programs(path.join(place, 'bin'), hookshift);
    const folder = project(path.join(place, 'acme'));
    if (workspaceSettings !== undefined) {
      mkdirSync(path.join(folder, '.vscode'));
      writeFileSync(
        path.join(folder, '.vscode/settings.json'),
        JSON.stringify(workspaceSettings(programs)),
      );
    }
    const run: Run = {
      cases: `out/host/${name}.cases.js`,
      folder,
      data: path.join(place, 'code'),
      settings: { 'hookshift.path': programs.path(program) },
      trusted,
      environment: { [BINARY]: hookshift, [TWIN]: project(path.join(place, 'twin')) },
    };
    await reported(t, run, programs);
    afterwards?.(programs);
  });
}

/** Each case is a test of its own. */
async function reported(t: TestContext, run: Run, programs: Programs): Promise<void> {
  const services: Record<string, Service> = {
    program: async (name) => programs.path(name as Name),
    runs: async (name) => programs.runs(name as Name),
    starts: async (name) => programs.starts((name as Name | undefined) ?? 'real'),
  };
  const results = await inCode(run, services);
  assert.ok(results.length > 0);
  for (const { name, error } of results) {
    await t.test(name, () => {
      if (error !== undefined) {
        assert.fail(error);
      }
    });
  }
}

/** A project of its own, as tests change it. */
function project(directory: string): string {
  const acme = path.resolve('../../corpus/acme');
  assert.ok(existsSync(acme), `${acme} is missing`);
  cpSync(acme, directory, { recursive: true });
  return directory;
}

scenario('working', 'with the server', {
  trusted: true,
  program: 'real',
  afterwards: (programs) => {
    const initialize = general(programs.firstSent('real'));
    if (process.env.UPDATE === '1') {
      writeFileSync(INITIALIZE, `${JSON.stringify(initialize, undefined, 2)}\n`);
    }
    const recorded = JSON.parse(readFileSync(INITIALIZE, 'utf8'));
    assert.deepEqual(initialize, recorded, 'UPDATE=1 records it anew');
  },
});

/** Without what differs from run to run. */
function general({ capabilities, initializationOptions, trace }: Record<string, unknown>) {
  return { capabilities, initializationOptions, trace };
}

scenario('trouble', 'with programs that are no server, or a bad one', {
  trusted: true,
  program: 'missing',
});

scenario('restricted', 'in a workspace that is not trusted', {
  trusted: false,
  program: 'real',
  workspaceSettings: (programs) => ({
    'hookshift.path': programs.path('planted'),
    'hookshift.rules.ignore': ['granular-hook'],
  }),
});
