// The same project a second time, for what the command line makes of it.

import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

export const BINARY = 'HOOKSHIFT_BINARY';
export const TWIN = 'HOOKSHIFT_TEST_TWIN';

interface Report {
  readonly findings: readonly {
    readonly rule: string;
    readonly path: string;
    readonly range: { readonly start: { readonly line: number; readonly column: number } };
  }[];
}

/** The findings in each file of the twin, as `inside.ts` writes down those in VS Code. */
export async function twinFindings(): Promise<Map<string, string[]>> {
  const { findings } = JSON.parse(await hookshift('check', '--format', 'json', '.')) as Report;
  const byFile = new Map<string, string[]>();
  for (const { path: file, rule, range } of findings) {
    const found = byFile.get(file) ?? [];
    found.push(`${range.start.line}:${rule}`);
    byFile.set(file, found);
  }
  return byFile;
}

/** What `hookshift fix --write` makes of a file. */
export async function twinFixed(file: string): Promise<string> {
  await hookshift('fix', '--write', '.');
  return readFile(path.join(twin(), file), 'utf8');
}

function hookshift(...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      process.env[BINARY] ?? '',
      args,
      { cwd: twin(), maxBuffer: 1 << 26 },
      (error, stdout, stderr) => {
        // 1 says that something was found.
        error === null || error.code === 1
          ? resolve(stdout)
          : reject(new Error(`hookshift ${args.join(' ')}: ${error.message}\n${stderr}`));
      },
    );
  });
}

function twin(): string {
  return process.env[TWIN] ?? '';
}
