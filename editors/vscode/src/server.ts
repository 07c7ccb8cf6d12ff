// The language server's life: asked for, started, started again, ended.

import { homedir } from 'node:os';
import { commands, env, type LogOutputChannel, Uri, window, workspace } from 'vscode';
import { CloseAction, ErrorAction, LanguageClient, State } from 'vscode-languageclient/node';
import {
  type Command,
  Endings,
  type Failure,
  failureMessage,
  probe,
  serverCommand,
} from './command';
import { serverSettings } from './settings';

const SECTION = 'hookshift';
const INSTALLATION = 'https://github.com/hookshift/hookshift#readme';

/** Says what goes wrong in the output only: what people have to know of it, they are told once and by us. */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}

export class Server {
  private client: QuietClient | undefined;
  private last: Promise<void> = Promise.resolve();

  constructor(private readonly output: LogOutputChannel) {}

  get running(): boolean {
    return this.client?.state === State.Running;
  }

  /** Starts the server, in place of one that runs. */
  restart(): Promise<void> {
    this.interrupt();
    return this.inTurn(async () => {
      await this.end();
      await this.begin();
    });
  }

  stop(): Promise<void> {
    this.interrupt();
    return this.inTurn(() => this.end());
  }

  /** A server that never gets to its feet would keep everything after it waiting, and the client cannot stop one. */
  private interrupt(): void {
    const client = this.client;
    if (client?.state === State.Starting) {
      this.client = undefined;
      client.serverProcess?.kill();
    }
  }

  /** One after the other: settings can change while a server is still starting. */
  private inTurn(step: () => Promise<void>): Promise<void> {
    const turn = this.last.then(step);
    this.last = turn.catch((error: unknown) => this.output.error(String(error)));
    return this.last;
  }

  private async begin(): Promise<void> {
    const command = configuredCommand();
    // Some systems look for a bare name in the working directory first. What lies in a workspace must not be started by that.
    const directory = homedir();
    this.output.info(`Starting ${command.command} ${command.args.join(' ')}`);
    const failure = await probe(command, directory);
    if (failure !== undefined) {
      this.tell(command, failure);
      return;
    }
    const client = this.newClient(command, directory);
    this.client = client;
    try {
      await client.start();
      const { serverInfo } = client.initializeResult ?? {};
      this.output.info(
        `Connected to ${serverInfo?.name ?? 'the server'} ${serverInfo?.version ?? ''}`,
      );
    } catch (error) {
      if (this.client === client) {
        this.tell(command, { kind: 'broken', reason: reason(error) });
      }
    }
  }

  private async end(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    if (client === undefined) {
      return;
    }
    try {
      await client.dispose();
    } catch (error) {
      // It had ended, or never begun.
      this.output.debug(String(error));
    }
  }

  private newClient(command: Command, directory: string): QuietClient {
    const endings = new Endings();
    const client: QuietClient = new QuietClient(
      SECTION,
      'hookshift',
      { command: command.command, args: [...command.args], options: { cwd: directory } },
      {
        documentSelector: [
          { scheme: 'file', language: 'erlang' },
          { scheme: 'untitled', language: 'erlang' },
          { scheme: 'file', pattern: '**/hookshift.toml' },
          { scheme: 'file', pattern: '**/mongooseim*.toml' },
        ],
        outputChannel: this.output,
        initializationOptions: () => serverSettings(workspace.getConfiguration().get(SECTION)),
        initializationFailedHandler: () => false,
        middleware: {
          workspace: {
            configuration: async (params, token, next) => {
              const sections = await next(params, token);
              return Array.isArray(sections)
                ? sections.map((section: unknown, index) =>
                    params.items[index]?.section === SECTION ? serverSettings(section) : section,
                  )
                : sections;
            },
          },
        },
        errorHandler: {
          error: () => ({ action: ErrorAction.Continue, handled: true }),
          closed: () => {
            // One that ended before it was there has failed to start, and `begin` says so.
            const started = client.initializeResult !== undefined;
            const again = started && endings.again(Date.now());
            if (started && !again) {
              this.tell(command, { kind: 'crashing' });
            }
            return {
              action: again ? CloseAction.Restart : CloseAction.DoNotRestart,
              handled: true,
            };
          },
        },
      },
    );
    return client;
  }

  private tell({ command }: Command, failure: Failure): void {
    const message = failureMessage(command, failure);
    this.output.error(message);
    const setting = 'Open the Setting';
    const installation = 'How to Install';
    const output = 'Show the Output';
    const buttons =
      failure.kind === 'missing' || failure.kind === 'outdated'
        ? [setting, installation]
        : [setting, output];
    // Not waited for: the message may stand there for hours.
    void window.showErrorMessage(message, ...buttons).then(async (button) => {
      switch (button) {
        case setting:
          await commands.executeCommand('workbench.action.openSettings', `${SECTION}.path`);
          break;
        case installation:
          await env.openExternal(Uri.parse(INSTALLATION));
          break;
        case output:
          this.output.show();
          break;
      }
    });
  }
}

function configuredCommand(): Command {
  const folder = workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file')?.uri.fsPath;
  return serverCommand(workspace.getConfiguration(SECTION).get('path'), {
    home: homedir(),
    folder,
  });
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
