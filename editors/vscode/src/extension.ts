// hookshift in VS Code: starts the language server, which knows everything, and adds three commands.

import { CodeAction, commands, type ExtensionContext, Range, window, workspace } from 'vscode';
import { Server } from './server';

const FIX_ALL = 'source.fixAll.hookshift';

let server: Server | undefined;

export function activate(context: ExtensionContext): void {
  const output = window.createOutputChannel('hookshift', { log: true });
  const current = new Server(output);
  server = current;
  // `hookshift.explain` is not among these: the server has this command, and the client registers what the server has.
  context.subscriptions.push(
    output,
    commands.registerCommand('hookshift.restart', () => current.restart()),
    commands.registerCommand('hookshift.showOutput', () => output.show()),
    commands.registerCommand('hookshift.fixAll', () => fixAll(current)),
    workspace.onDidChangeConfiguration((change) => {
      // What else there is among the settings, the server asks for when it is told that they changed.
      if (change.affectsConfiguration('hookshift.path')) {
        void current.restart();
      }
    }),
  );
  // Not waited for: a server that is slow to start must not keep the commands from working.
  void current.restart();
}

export async function deactivate(): Promise<void> {
  await server?.stop();
  server = undefined;
}

/** Applies to the file in front what the server would do to it by itself. */
async function fixAll(current: Server): Promise<void> {
  const document = window.activeTextEditor?.document;
  if (document?.languageId !== 'erlang') {
    void window.showInformationMessage('hookshift: no Erlang file is open in front.');
    return;
  }
  if (!current.running) {
    void window.showWarningMessage(
      'hookshift: the language server is not running. “hookshift: Restart the Server” starts it.',
    );
    return;
  }
  const everything = document.validateRange(new Range(0, 0, document.lineCount, 0));
  const actions = await commands.executeCommand<unknown[] | undefined>(
    'vscode.executeCodeActionProvider',
    document.uri,
    everything,
    FIX_ALL,
    // Edits may come only when they are asked for.
    1,
  );
  const action = actions?.find(
    (candidate): candidate is CodeAction =>
      candidate instanceof CodeAction && candidate.disabled === undefined,
  );
  if (action?.edit === undefined || action.edit.size === 0) {
    void window.showInformationMessage(
      'hookshift: there is nothing that can be fixed safely in this file.',
    );
    return;
  }
  if (!(await workspace.applyEdit(action.edit))) {
    void window.showErrorMessage('hookshift: VS Code did not apply the edit. Nothing was changed.');
  }
}
