// Inside VS Code, in a workspace that is trusted, with the real server.

import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import { twinFindings, twinFixed } from '../twin';
import { ask, eventually, findings, inFolder, placeOf, runCases, set, show } from './inside';

const PUSH = 'src/mod_acme_push.erl';
const INBOX = 'src/mod_acme_inbox_ext.erl';
const RECEIPTS = 'src/mod_acme_receipts.erl';

const expected = twinFindings();

/** Waits until VS Code shows what the command line says, or what is made of that. */
async function shown(file: string, change = (all: string[]) => all): Promise<void> {
  const wanted = change((await expected).get(file) ?? []);
  await eventually(
    `the findings of ${file}: ${wanted.join(', ')}`,
    () => sorted(findings(inFolder(file))) === sorted(wanted),
  );
}

function sorted(entries: readonly string[]): string {
  return [...entries].sort().join(' ');
}

async function written(file: string, text: string): Promise<vscode.Uri> {
  const uri = inFolder(file);
  await writeFile(uri.fsPath, text);
  return uri;
}

function without(rule: string): (all: string[]) => string[] {
  return (all) => all.filter((entry) => !entry.endsWith(`:${rule}`));
}

export function run(): Promise<void> {
  return runCases({
    'the extension is installed, and starts for an Erlang file': async () => {
      const extension = vscode.extensions.getExtension('hookshift.hookshift');
      assert.ok(extension);
      assert.ok(!extension.extensionUri.path.includes('/editors/vscode'));
      const editor = await show(PUSH);
      assert.equal(editor.document.languageId, 'erlang');
      await eventually('the extension at work', () => extension.isActive || undefined);
    },

    'the findings of a file are those of `hookshift check`': async () => {
      await shown(PUSH);
      assert.ok(findings(inFolder(PUSH)).length > 0);
    },

    'a finding has its severity, and leads to the page of its rule': async () => {
      const finding = vscode.languages
        .getDiagnostics(inFolder(PUSH))
        .find(({ message }) => message.includes('has no parameter `jid`'));
      assert.ok(finding);
      assert.equal(finding.severity, vscode.DiagnosticSeverity.Error);
      assert.ok(typeof finding.code === 'object');
      assert.equal(finding.code.value, 'changed-params');
      assert.match(finding.code.target.toString(), /changed-params/);
    },

    'hovering over a hook tells about it': async () => {
      const { document } = await show(PUSH);
      const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
        'vscode.executeHoverProvider',
        document.uri,
        placeOf(document, 'user_receive_packet', 3),
      );
      const text = hovers.flatMap(({ contents }) =>
        contents.map((content) => (typeof content === 'string' ? content : content.value)),
      );
      assert.match(text.join('\n'), /user_receive_packet/);
    },

    'hooks are completed': async () => {
      const { document } = await show(PUSH);
      const { items } = await vscode.commands.executeCommand<vscode.CompletionList>(
        'vscode.executeCompletionItemProvider',
        document.uri,
        placeOf(document, 'user_receive_packet', 5),
      );
      const labels = items.map(({ label }) => (typeof label === 'string' ? label : label.label));
      assert.ok(labels.includes('user_receive_packet'), labels.slice(0, 20).join(', '));
    },

    'a registration leads to its handler, and back': async () => {
      const { document } = await show(PUSH);
      const targets = await vscode.commands.executeCommand<
        (vscode.Location | vscode.LocationLink)[]
      >(
        'vscode.executeDefinitionProvider',
        document.uri,
        placeOf(document, '{user_receive_packet', 3),
      );
      const lines = targets.map((target) =>
        'targetUri' in target
          ? (target.targetSelectionRange ?? target.targetRange).start.line
          : target.range.start.line,
      );
      const handler = placeOf(document, '\ndevice_active(', 1);
      assert.deepEqual(lines, [handler.line]);
      const references = await vscode.commands.executeCommand<vscode.Location[]>(
        'vscode.executeReferenceProvider',
        document.uri,
        handler,
      );
      const registration = placeOf(document, '?MODULE:device_active/3');
      assert.ok(references.some(({ range }) => range.start.line === registration.line));
    },

    'handlers have code lenses': async () => {
      const { document } = await show(PUSH);
      const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
        'vscode.executeCodeLensProvider',
        document.uri,
        10,
      );
      assert.ok(lenses.some(({ command }) => command?.title));
    },

    'a hook is explained, on a page of its own': async () => {
      await vscode.commands.executeCommand('hookshift.explain', 'user_receive_packet');
      const page = await eventually('the page', () => {
        const document = vscode.window.activeTextEditor?.document;
        return document?.languageId === 'markdown' ? document : undefined;
      });
      assert.match(page.getText(), /user_receive_packet/);
      await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    },

    'a setting is heeded at once, and so is its end': async () => {
      await show(RECEIPTS);
      await shown(RECEIPTS);
      await set('rules.ignore', ['granular-hook']);
      await shown(RECEIPTS, without('granular-hook'));
      await set('rules.ignore', undefined);
      await shown(RECEIPTS);
    },

    'a setting changes how grave a rule is': async () => {
      await set('rules.severity', { 'granular-hook': 'error', 'changed-meaning': 'off' });
      await shown(RECEIPTS, without('changed-meaning'));
      const grave = () =>
        vscode.languages
          .getDiagnostics(inFolder(RECEIPTS))
          .filter(({ code }) => typeof code === 'object' && code.value === 'granular-hook')
          .every(({ severity }) => severity === vscode.DiagnosticSeverity.Error);
      await eventually('errors of `granular-hook`', grave);
      await set('rules.severity', undefined);
      await shown(RECEIPTS);
    },

    'a `hookshift.toml` is heeded when it appears, changes, and goes': async () => {
      const file = await written('hookshift.toml', 'ignore = ["granular-hook"]\n');
      await shown(RECEIPTS, without('granular-hook'));
      await written('hookshift.toml', 'ignore = ["changed-meaning"]\n');
      await shown(RECEIPTS, without('changed-meaning'));
      await vscode.workspace.fs.delete(file);
      await shown(RECEIPTS);
    },

    'a `hookshift.toml` that is wrong says so itself': async () => {
      const document = await vscode.workspace.openTextDocument(
        await written('hookshift.toml', 'from = "6.0.0"\nignroe = []\n'),
      );
      await vscode.window.showTextDocument(document);
      await eventually('its mistake', () =>
        vscode.languages
          .getDiagnostics(document.uri)
          .some(({ source, range }) => source === 'hookshift' && range.start.line === 1),
      );
      await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
      await vscode.workspace.fs.delete(document.uri);
      await show(RECEIPTS);
      await shown(RECEIPTS);
    },

    'what is typed is looked at, before it is saved': async () => {
      const { document } = await show(RECEIPTS);
      const edit = new vscode.WorkspaceEdit();
      edit.insert(document.uri, new vscode.Position(0, 0), '%% A line more, with a 😀 in it.\n');
      await vscode.workspace.applyEdit(edit);
      await shown(RECEIPTS, (all) =>
        all.map((entry) => entry.replace(/^\d+/, (line) => String(Number(line) + 1))),
      );
      await vscode.commands.executeCommand('undo');
      await shown(RECEIPTS);
      await document.save();
    },

    'the server is started anew on demand': async () => {
      const before = await ask<number>('starts');
      await vscode.commands.executeCommand('hookshift.restart');
      assert.equal(await ask<number>('starts'), before + 1);
      await shown(RECEIPTS);
    },

    'the command fixes the file as `hookshift fix --write` does': async () => {
      const { document } = await show(RECEIPTS);
      const before = document.getText();
      await vscode.commands.executeCommand('hookshift.fixAll');
      await document.save();
      const after = await readFile(document.uri.fsPath, 'utf8');
      assert.notEqual(after, before);
      assert.equal(after, await twinFixed(RECEIPTS));
    },

    'when all is fixed, the command says so': async () => {
      await vscode.commands.executeCommand('notifications.clearAll');
      await vscode.commands.executeCommand('hookshift.fixAll');
      await eventually('the message', async () =>
        (await ask<string[]>('notifications')).some((text) => /nothing.*fixed/.test(text)),
      );
    },

    'saving fixes, where the settings say so, whatever the lines end with': async () => {
      const { document } = await show(INBOX);
      assert.equal(document.eol, vscode.EndOfLine.CRLF);
      await vscode.workspace
        .getConfiguration('editor', document)
        .update('codeActionsOnSave', { 'source.fixAll.hookshift': 'explicit' }, false);
      const edit = new vscode.WorkspaceEdit();
      edit.insert(document.uri, new vscode.Position(0, 0), '%% One line more.\n');
      await vscode.workspace.applyEdit(edit);
      await document.save();
      const after = await readFile(document.uri.fsPath, 'utf8');
      assert.equal(after, `%% One line more.\r\n${await twinFixed(INBOX)}`);
    },

    'nothing is left unsaved': async () => {
      const unsaved = vscode.workspace.textDocuments.filter(({ isDirty }) => isDirty);
      assert.deepEqual(
        unsaved.map(({ uri }) => uri.path),
        [],
      );
    },
  });
}
