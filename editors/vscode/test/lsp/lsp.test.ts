// The server, spoken to as VS Code speaks to it.

import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type CodeAction,
  CodeActionRequest,
  CodeActionResolveRequest,
  CodeActionTriggerKind,
  type Command,
  CompletionRequest,
  type Diagnostic,
  DidChangeConfigurationNotification,
  DidChangeTextDocumentNotification,
  type Range,
  type ServerCapabilities,
  TextDocumentEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver-protocol/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { binary } from '../binary';
import { BINARY, TWIN, twinFindings, twinFixed } from '../twin';
import { Editor } from './editor';

const FIX_ALL = 'source.fixAll.hookshift';
const PUSH = 'src/mod_acme_push.erl';
const RECEIPTS = 'src/mod_acme_receipts.erl';

const root = mkdtempSync(path.join(tmpdir(), 'hookshift-lsp-'));
after(() => rmSync(root, { recursive: true, force: true }));

/** A project of its own, and an editor for it. */
function editor(t: TestContext, settings: unknown = {}): Editor {
  const hookshift = binary();
  const folder = mkdtempSync(path.join(root, 'acme-'));
  const twin = mkdtempSync(path.join(root, 'twin-'));
  for (const directory of [folder, twin]) {
    cpSync('../../corpus/acme', directory, { recursive: true });
  }
  process.env[BINARY] = hookshift;
  process.env[TWIN] = twin;
  const opened = new Editor(hookshift, folder);
  opened.settings = settings;
  t.after(() => opened.kill());
  return opened;
}

function listed(diagnostics: readonly Diagnostic[]): string[] {
  return diagnostics.map(({ range, code }) => `${range.start.line + 1}:${code}`).sort();
}

/** Waits until it is so: at first a server may say what it can, and more when it has read everything. */
async function eventually<Value>(look: () => Promise<Value>): Promise<Value> {
  const end = Date.now() + 10_000;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (!(error instanceof assert.AssertionError) || Date.now() > end) {
        throw error;
      }
    }
    await sleep(50);
  }
}

/** Waits until the findings of a file are these. */
function shows(opened: Editor, file: string, wanted: readonly string[]): Promise<Diagnostic[]> {
  return eventually(async () => {
    const diagnostics = await opened.diagnostics(file);
    assert.deepEqual(listed(diagnostics), wanted);
    return diagnostics;
  });
}

async function expected(file: string): Promise<string[]> {
  return ((await twinFindings()).get(file) ?? []).sort();
}

const everything: Range = {
  start: { line: 0, character: 0 },
  end: { line: 100_000, character: 0 },
};

async function fixes(
  opened: Editor,
  file: string,
  only: string,
  range: Range = everything,
  diagnostics: Diagnostic[] = [],
): Promise<CodeAction[]> {
  const actions = await opened.connection.sendRequest(CodeActionRequest.type, {
    textDocument: { uri: opened.uri(file) },
    range,
    context: { diagnostics, only: [only], triggerKind: CodeActionTriggerKind.Invoked },
  });
  const isAction = (action: CodeAction | Command): action is CodeAction =>
    typeof action.command !== 'string';
  return (actions ?? []).filter(isAction);
}

/** Edits may come only when they are asked for. */
async function editOf(opened: Editor, action: CodeAction): Promise<WorkspaceEdit> {
  const resolved =
    action.edit === undefined
      ? await opened.connection.sendRequest(CodeActionResolveRequest.type, action)
      : action;
  assert.ok(resolved.edit, `${action.title} has no edit`);
  return resolved.edit;
}

function applied(edit: WorkspaceEdit, uri: string, text: string): string {
  const edits = [
    ...(edit.changes?.[uri] ?? []),
    ...(edit.documentChanges ?? [])
      .filter(TextDocumentEdit.is)
      .filter(({ textDocument }) => textDocument.uri === uri)
      .flatMap((change) => change.edits),
  ].map((one) => ('newText' in one ? one : assert.fail('an edit is a snippet')));
  return TextDocument.applyEdits(TextDocument.create(uri, 'erlang', 1, text), edits);
}

test('it offers what the extension promises', async (t) => {
  const opened = editor(t);
  const { capabilities, serverInfo } = await opened.start();
  assert.equal(serverInfo?.name, 'hookshift');
  // The client takes no other, and says so.
  assert.ok([undefined, 'utf-16'].includes(capabilities.positionEncoding));
  const wanted: (keyof ServerCapabilities)[] = [
    'codeLensProvider',
    'completionProvider',
    'definitionProvider',
    'diagnosticProvider',
    'hoverProvider',
    'referencesProvider',
    'textDocumentSync',
  ];
  for (const name of wanted) {
    assert.ok(capabilities[name], name);
  }
  const actions = capabilities.codeActionProvider;
  assert.ok(typeof actions === 'object');
  assert.ok(actions.codeActionKinds?.includes(FIX_ALL));
  assert.ok(actions.codeActionKinds?.includes('quickfix'));
  assert.deepEqual(capabilities.executeCommandProvider?.commands, ['hookshift.explain']);
});

test('it asks to be told when files and settings change', async (t) => {
  const opened = editor(t);
  await opened.start();
  await opened.open(PUSH);
  await opened.diagnostics(PUSH);
  const methods = opened.registrations.map(({ method }) => method);
  assert.ok(methods.includes('workspace/didChangeWatchedFiles'));
  assert.ok(methods.includes('workspace/didChangeConfiguration'));
  const settings = opened.registrations.find(({ method }) => method.endsWith('Configuration'));
  assert.deepEqual(settings?.registerOptions, { section: 'hookshift' });
});

test('its findings are those of `hookshift check`', async (t) => {
  const opened = editor(t);
  await opened.start();
  for (const file of [PUSH, RECEIPTS]) {
    await opened.open(file);
    const diagnostics = await shows(opened, file, await expected(file));
    assert.ok(diagnostics.length > 0);
    for (const { source, code, codeDescription } of diagnostics) {
      assert.equal(source, 'hookshift');
      assert.ok(codeDescription?.href.includes(String(code)));
    }
  }
});

test('a report that is not new is not sent again', async (t) => {
  const opened = editor(t);
  await opened.start();
  await opened.open(PUSH);
  await shows(opened, PUSH, await expected(PUSH));
  const first = await opened.pull(PUSH);
  assert.ok(first.resultId);
  assert.equal((await opened.pull(PUSH, first.resultId)).kind, 'unchanged');
});

test('settings count from the start', async (t) => {
  const opened = editor(t, { rules: { ignore: ['granular-hook'] } });
  await opened.start();
  await opened.open(RECEIPTS);
  const wanted = (await expected(RECEIPTS)).filter((entry) => !entry.endsWith(':granular-hook'));
  await shows(opened, RECEIPTS, wanted);
});

test('settings that change are asked for, and findings are refreshed', async (t) => {
  const opened = editor(t);
  await opened.start();
  await opened.open(RECEIPTS);
  await shows(opened, RECEIPTS, await expected(RECEIPTS));
  const before = opened.refreshes.length;
  opened.settings = { rules: { select: ['granular-hook'] } };
  await opened.connection.sendNotification(DidChangeConfigurationNotification.type, {
    settings: { hookshift: opened.settings },
  });
  await eventually(async () => {
    assert.ok(opened.refreshes.slice(before).includes('diagnostic'));
  });
  const wanted = (await expected(RECEIPTS)).filter((entry) => entry.endsWith(':granular-hook'));
  assert.ok(wanted.length > 0);
  await shows(opened, RECEIPTS, wanted);
});

test('`source.fixAll.hookshift` does what `hookshift fix --write` does', async (t) => {
  const opened = editor(t);
  await opened.start();
  const text = await opened.open(RECEIPTS);
  const [action, ...more] = await fixes(opened, RECEIPTS, FIX_ALL);
  assert.ok(action);
  assert.deepEqual(more, []);
  assert.equal(action.kind, FIX_ALL);
  const after = applied(await editOf(opened, action), opened.uri(RECEIPTS), text);
  assert.notEqual(after, text);
  assert.equal(after, await twinFixed(RECEIPTS));
});

test('who asks for any fix of a source gets it too', async (t) => {
  const opened = editor(t);
  await opened.start();
  await opened.open(RECEIPTS);
  for (const kind of ['source', 'source.fixAll']) {
    const kinds = (await fixes(opened, RECEIPTS, kind)).map((action) => action.kind);
    assert.deepEqual(kinds, [FIX_ALL]);
  }
  assert.deepEqual(await fixes(opened, RECEIPTS, 'source.organizeImports'), []);
});

test('a finding has its quick fix', async (t) => {
  const opened = editor(t);
  await opened.start();
  const text = await opened.open(RECEIPTS);
  const diagnostics = await shows(opened, RECEIPTS, await expected(RECEIPTS));
  const finding = diagnostics.find(
    ({ code, message }) => code === 'changed-params' && String(message).includes('`jid`'),
  );
  assert.ok(finding);
  const actions = await fixes(opened, RECEIPTS, 'quickfix', finding.range, [finding]);
  const fix = actions.find(
    ({ command, disabled, diagnostics }) =>
      command === undefined &&
      disabled === undefined &&
      diagnostics?.some(({ code }) => code === 'changed-params'),
  );
  assert.ok(fix, actions.map(({ title }) => title).join('\n'));
  assert.equal(fix.kind?.split('.')[0], 'quickfix');
  assert.notEqual(applied(await editOf(opened, fix), opened.uri(RECEIPTS), text), text);
});

test('what is typed is looked at, counted in UTF-16', async (t) => {
  const opened = editor(t);
  await opened.start();
  const text = await opened.open(RECEIPTS);
  const before = await shows(opened, RECEIPTS, await expected(RECEIPTS));
  // Two units, four bytes, one character: at the front of the line of a finding, and behind it again.
  const finding = before.find(({ code }) => code === 'granular-hook') ?? assert.fail();
  const { line } = finding.range.start;
  const change = async (version: number, from: number, to: number, with_: string) =>
    opened.connection.sendNotification(DidChangeTextDocumentNotification.type, {
      textDocument: { uri: opened.uri(RECEIPTS), version },
      contentChanges: [
        {
          range: { start: { line, character: from }, end: { line, character: to } },
          text: with_,
        },
      ],
    });
  const strange = '"😀😀", ';
  const bracket = text.split('\n')[line]?.indexOf('{') ?? -1;
  assert.ok(bracket >= 0 && bracket <= finding.range.start.character);
  await change(2, bracket, bracket, strange);
  // What was put there is no registration, and is a finding of its own.
  await eventually(async () => {
    const moved = (await opened.diagnostics(RECEIPTS)).find(
      ({ code, range }) => code === 'granular-hook' && range.start.line === line,
    );
    assert.equal(moved?.range.start.character, finding.range.start.character + strange.length);
  });
  await change(3, bracket, bracket + strange.length, '');
  assert.deepEqual(await shows(opened, RECEIPTS, listed(before)), before);
});

test('hooks are completed where one is being written', async (t) => {
  const opened = editor(t);
  await opened.start();
  const text = await opened.open(PUSH);
  const document = TextDocument.create(opened.uri(PUSH), 'erlang', 1, text);
  const position = document.positionAt(text.indexOf('user_receive_packet') + 5);
  const result = await opened.connection.sendRequest(CompletionRequest.type, {
    textDocument: { uri: document.uri },
    position,
  });
  const items = Array.isArray(result) ? result : (result?.items ?? []);
  assert.ok(items.some(({ label }) => label === 'user_receive_packet'));
});

test('a file that is told of, but not in the project, does no harm', async (t) => {
  const opened = editor(t);
  await opened.start();
  await opened.open('../elsewhere.erl', '-module(elsewhere).\n-export([a/0]).\na() -> .\n');
  await opened.connection.sendNotification('textDocument/didOpen', {
    textDocument: { uri: 'untitled:Untitled-1', languageId: 'erlang', version: 1, text: '-mod' },
  });
  await opened.open(PUSH);
  await shows(opened, PUSH, await expected(PUSH));
});

test('a configuration that cannot be read is told of, where it is', async (t) => {
  const opened = editor(t);
  writeFileSync(path.join(opened.folder, 'hookshift.toml'), 'ignroe = []\n');
  await opened.start();
  await opened.open('hookshift.toml');
  const [finding] = await opened.diagnostics('hookshift.toml');
  assert.ok(finding);
  assert.equal(finding.range.start.line, 0);
});

test('it ends when it is told to', async (t) => {
  const opened = editor(t);
  await opened.start();
  await opened.open(PUSH);
  await opened.diagnostics(PUSH);
  assert.equal(await opened.shutdown(), 0);
});

test('it ends when nobody is there any more', async (t) => {
  const opened = editor(t);
  await opened.start();
  assert.notEqual(await Promise.race([opened.hangUp(), sleep(5000, 'still there')]), 'still there');
});
