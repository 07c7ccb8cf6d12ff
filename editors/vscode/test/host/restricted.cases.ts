// Inside VS Code, in a workspace that nobody has declared trusted, and that names a program of its own.

import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { ask, eventually, findings, inFolder, runCases, show } from './inside';

const FILE = 'src/mod_acme_receipts.erl';

export function run(): Promise<void> {
  return runCases({
    'the server works, with the program that the machine names': async () => {
      assert.equal(vscode.workspace.isTrusted, false);
      await show(FILE);
      await eventually('findings', () => findings(inFolder(FILE)).length > 0);
      assert.ok((await ask<number>('starts', 'real')) > 0);
    },

    'the other settings of the workspace are heeded': async () => {
      const rules = findings(inFolder(FILE)).map((entry) => entry.split(':')[1]);
      assert.ok(rules.includes('changed-params'));
      assert.ok(!rules.includes('granular-hook'));
    },

    'the program that the workspace names was never run': async () => {
      assert.equal(await ask<number>('runs', 'planted'), 0);
    },
  });
}
