// Inside VS Code, with programs that are no server, or a bad one.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { ask, eventually, findings, inFolder, runCases, set, show } from './inside';

const FILE = 'src/mod_acme_push.erl';

/** Waits for a message, and for others that should not come. */
async function onlyMessage(wanted: RegExp): Promise<void> {
  const messages = () => ask<string[]>('notifications');
  await eventually(`a message: ${wanted}`, async () =>
    (await messages()).some((text) => wanted.test(text)),
  );
  await sleep(1000);
  const texts = await messages();
  assert.equal(texts.length, 1, texts.join('\n'));
}

async function choose(program: string): Promise<void> {
  await vscode.commands.executeCommand('notifications.clearAll');
  await set('path', await ask<string>('program', program));
}

export function run(): Promise<void> {
  return runCases({
    'a program that is not there is told of once': async () => {
      await show(FILE);
      await onlyMessage(/there is no program .*hookshift\.path/);
      assert.deepEqual(findings(inFolder(FILE)), []);
    },

    'its button leads to the setting': async () => {
      await ask('press', 'Open the Setting');
      await eventually(
        'the settings',
        () => vscode.window.tabGroups.activeTabGroup.activeTab?.label === 'Settings',
      );
      await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    },

    'without a server, the command to fix says that there is none': async () => {
      await show(FILE);
      await vscode.commands.executeCommand('notifications.clearAll');
      await vscode.commands.executeCommand('hookshift.fixAll');
      await onlyMessage(/the language server is not running/);
    },

    'a program that is too old is told of once, and not started': async () => {
      await choose('old');
      await onlyMessage(/too old.*hookshift\.path/);
      assert.equal(await ask<number>('starts', 'old'), 0);
    },

    'a server that ends before it is there is started once': async () => {
      await choose('dying');
      await onlyMessage(/did not start/);
      assert.equal(await ask<number>('starts', 'dying'), 1);
    },

    'a server that keeps ending is started again, but not for ever': async () => {
      await choose('crashing');
      await onlyMessage(/keeps ending/);
      assert.equal(await ask<number>('starts', 'crashing'), 4);
    },

    'a server that never answers keeps nobody waiting': async () => {
      await choose('hanging');
      await eventually('its start', async () => (await ask<number>('starts', 'hanging')) === 1);
      await choose('real');
      await eventually('findings', () => findings(inFolder(FILE)).length > 0);
      assert.deepEqual(await ask<string[]>('notifications'), []);
    },
  });
}
