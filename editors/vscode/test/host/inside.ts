// What the cases share that run inside VS Code.

import assert from 'node:assert/strict';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { ask } from './desk';

export type Cases = Readonly<Record<string, () => Promise<void>>>;

/** Runs them one after the other, and reports each. */
export async function runCases(cases: Cases): Promise<void> {
  for (const [name, run] of Object.entries(cases)) {
    let error: string | undefined;
    try {
      await run();
    } catch (thrown) {
      error = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    }
    await ask('report', { name, error });
  }
}

/** Waits until it is there. Nothing in VS Code says when it has shown everything. */
export async function eventually<Value>(
  what: string,
  look: () => Promise<Value | undefined> | Value | undefined,
  patience = 10_000,
): Promise<Value> {
  const end = Date.now() + patience;
  for (;;) {
    const value = await look();
    if (value !== undefined && value !== false) {
      return value;
    }
    if (Date.now() > end) {
      assert.fail(`in ${patience / 1000} seconds there was not: ${what}`);
    }
    await sleep(50);
  }
}

export function folder(): vscode.Uri {
  const uri = vscode.workspace.workspaceFolders?.[0]?.uri;
  assert.ok(uri, 'no folder is open');
  return uri;
}

export function inFolder(name: string): vscode.Uri {
  return vscode.Uri.joinPath(folder(), name);
}

export async function show(name: string): Promise<vscode.TextEditor> {
  return vscode.window.showTextDocument(inFolder(name), { preview: false });
}

/** The findings of hookshift in a file, in the order of the file: `line:rule`, counted from 1. */
export function findings(uri: vscode.Uri): string[] {
  return vscode.languages
    .getDiagnostics(uri)
    .filter(({ source }) => source === 'hookshift')
    .sort((a, b) => a.range.start.compareTo(b.range.start))
    .map(({ range, code }) => `${range.start.line + 1}:${ruleOf(code)}`);
}

function ruleOf(code: vscode.Diagnostic['code']): string {
  return String(typeof code === 'object' ? code.value : code);
}

/** The first place of a text in a file. */
export function placeOf(document: vscode.TextDocument, text: string, into = 0): vscode.Position {
  const offset = document.getText().indexOf(text);
  assert.notEqual(offset, -1, `${text} is not in ${path.basename(document.fileName)}`);
  return document.positionAt(offset + into);
}

export async function set(key: string, value: unknown): Promise<void> {
  await vscode.workspace
    .getConfiguration('hookshift', folder())
    .update(key, value, vscode.ConfigurationTarget.Workspace);
}

export { ask };
