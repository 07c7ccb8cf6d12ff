import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import {
  Endings,
  type Failure,
  failureMessage,
  probe,
  probeFailure,
  serverCommand,
} from '../../src/command';

const home = path.resolve('/home/ada');
const folder = path.resolve('/srv/chat');
const directory = mkdtempSync(path.join(tmpdir(), 'hookshift-unit-'));
after(() => rmSync(directory, { recursive: true }));

function named(setting: unknown, place: { home: string; folder: string | undefined }): string {
  const { command, args } = serverCommand(setting, place);
  assert.deepEqual(args, ['lsp']);
  return command;
}

/** A program that is run as the server would be. */
function program(name: string, script: string, mode = 0o755): string {
  const file = path.join(directory, name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode });
  return file;
}

test('a bare name is left to the PATH', () => {
  assert.equal(named('hookshift', { home, folder }), 'hookshift');
  assert.equal(named(' hookshift-nightly ', { home, folder }), 'hookshift-nightly');
});

test('no setting, or none that makes sense, is the usual name', () => {
  for (const setting of [undefined, null, '', '  ', 3, ['hookshift']]) {
    assert.equal(named(setting, { home, folder }), 'hookshift');
  }
});

test('`~` is the home directory, at the front only', () => {
  assert.equal(
    named('~/.cargo/bin/hookshift', { home, folder }),
    path.join(home, '.cargo/bin/hookshift'),
  );
  assert.equal(named('/opt/a~/hookshift', { home, folder }), path.resolve('/opt/a~/hookshift'));
  assert.equal(named('~ada/hookshift', { home, folder }), path.join(folder, '~ada/hookshift'));
});

test('`${workspaceFolder}` is the folder, whatever characters it has', () => {
  const strange = path.resolve('/srv/$& chat');
  assert.equal(
    named('${workspaceFolder}/bin/hookshift', { home, folder: strange }),
    path.join(strange, 'bin/hookshift'),
  );
});

test('a relative name starts from the folder, or from home where there is none', () => {
  assert.equal(named('./bin/hookshift', { home, folder }), path.join(folder, 'bin/hookshift'));
  assert.equal(named('bin/hookshift', { home, folder }), path.join(folder, 'bin/hookshift'));
  assert.equal(
    named('bin/hookshift', { home, folder: undefined }),
    path.join(home, 'bin/hookshift'),
  );
});

test('a program that has a language server passes', async () => {
  const command = program('good', '[ "$*" = "lsp --help" ]');
  assert.equal(await probe(serverCommand(command, { home, folder }), homedir()), undefined);
});

test('a program that is not there is missing', async () => {
  for (const name of ['no-such-hookshift', path.join(directory, 'no-such-hookshift')]) {
    assert.deepEqual(await probe(serverCommand(name, { home, folder }), homedir()), {
      kind: 'missing',
    });
  }
});

test('a program that does not know `lsp` is too old', async () => {
  const command = program('old', 'echo "unrecognized subcommand" >&2; exit 2');
  assert.deepEqual(await probe(serverCommand(command, { home, folder }), homedir()), {
    kind: 'outdated',
  });
});

test('what cannot be run is refused, with the reason', async () => {
  const command = program('text', 'exit 0', 0o644);
  assert.deepEqual(await probe(serverCommand(command, { home, folder }), homedir()), {
    kind: 'refused',
    reason: 'EACCES',
  });
  const nul = await probe({ command: 'hook\0shift', args: [] }, homedir());
  assert.equal(nul?.kind, 'refused');
});

test('a program that says nothing is given up', async () => {
  const command = program('slow', 'exec sleep 60');
  assert.deepEqual(await probe(serverCommand(command, { home, folder }), homedir(), 100), {
    kind: 'silent',
  });
});

test('a program that a signal ends is not too old', () => {
  assert.deepEqual(probeFailure({ code: null, killed: false, signal: 'SIGILL' }), {
    kind: 'refused',
    reason: 'SIGILL',
  });
});

test('every message names the program, and what to do', () => {
  const failures: Failure[] = [
    { kind: 'missing' },
    { kind: 'refused', reason: 'EACCES' },
    { kind: 'outdated' },
    { kind: 'silent' },
    { kind: 'broken', reason: 'the connection was closed' },
    { kind: 'crashing' },
  ];
  for (const failure of failures) {
    const message = failureMessage('/opt/hookshift', failure);
    assert.match(message, /^hookshift: .*`\/opt\/hookshift`.*\.$/);
    assert.match(message, /hookshift\.path|The output says more/);
  }
  assert.match(failureMessage('hookshift', { kind: 'missing' }), /on the PATH/);
  assert.doesNotMatch(failureMessage('/opt/hookshift', { kind: 'missing' }), /on the PATH/);
});

test('a server that ends is started again, but not for ever', () => {
  const endings = new Endings(3, 1000);
  assert.deepEqual(
    [0, 10, 20, 30].map((now) => endings.again(now)),
    [true, true, true, false],
  );
});

test('old endings are forgotten', () => {
  const endings = new Endings(3, 1000);
  for (const now of [0, 10, 20, 1015, 2030, 3040, 3041]) {
    assert.equal(endings.again(now), true, `at ${now}`);
  }
});
