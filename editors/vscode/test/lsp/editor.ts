// An editor without a screen: says of itself what VS Code says, and answers the server as VS Code does.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import {
  createProtocolConnection,
  type Diagnostic,
  type DocumentDiagnosticReport,
  DocumentDiagnosticRequest,
  ExitNotification,
  InitializedNotification,
  InitializeRequest,
  type InitializeResult,
  type ProtocolConnection,
  type Registration,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver-protocol/node';
import { serverSettings } from '../../src/settings';

/** As recorded from VS Code, which the tests in it hold against what it sends now. */
const VS_CODE = JSON.parse(readFileSync('test/lsp/initialize.json', 'utf8'));

export class Editor {
  readonly connection: ProtocolConnection;
  readonly registrations: Registration[] = [];
  /** Requests of the server to ask for things anew. */
  readonly refreshes: string[] = [];
  /** What stands in the settings under `hookshift`. */
  settings: unknown = {};
  /** What the server wrote beside the protocol. */
  errors = '';
  private readonly process: ChildProcessWithoutNullStreams;
  private readonly ended: Promise<unknown[]>;

  constructor(
    binary: string,
    readonly folder: string,
  ) {
    this.process = spawn(binary, ['lsp'], { cwd: path.parse(folder).root });
    this.ended = once(this.process, 'exit');
    // Of a server that is gone, its end says more than that nobody reads any more.
    this.process.stdin.on('error', () => {});
    this.process.stderr.on('data', (chunk) => {
      this.errors += chunk;
    });
    this.connection = createProtocolConnection(
      new StreamMessageReader(this.process.stdout),
      new StreamMessageWriter(this.process.stdin),
    );
    this.connection.onRequest('workspace/configuration', ({ items }) =>
      items.map(({ section }: { section?: string }) =>
        section === 'hookshift' ? serverSettings(this.settings) : null,
      ),
    );
    this.connection.onRequest('client/registerCapability', ({ registrations }) => {
      this.registrations.push(...registrations);
      return null;
    });
    this.connection.onRequest('workspace/workspaceFolders', () => this.folders());
    this.connection.onRequest('window/workDoneProgress/create', () => null);
    for (const what of ['diagnostic', 'codeLens', 'inlayHint', 'semanticTokens']) {
      this.connection.onRequest(`workspace/${what}/refresh`, () => {
        this.refreshes.push(what);
        return null;
      });
    }
    this.connection.listen();
  }

  async start(): Promise<InitializeResult> {
    const ended = this.ended.then(([code]) => {
      this.connection.dispose();
      throw new Error(`the server ended with ${code} before it was there\n${this.errors}`);
    });
    const answer = this.connection.sendRequest(InitializeRequest.type, {
      ...VS_CODE,
      processId: process.pid,
      clientInfo: { name: 'a test' },
      locale: 'en',
      rootPath: this.folder,
      rootUri: pathToFileURL(this.folder).href,
      workspaceFolders: this.folders(),
      initializationOptions: serverSettings(this.settings),
    });
    // When both fail, its end is the reason.
    const failed = answer.catch((error) =>
      Promise.race([ended, sleep(1000).then(() => Promise.reject(error))]),
    );
    const result = await Promise.race([failed, ended]);
    await this.connection.sendNotification(InitializedNotification.type, {});
    return result;
  }

  uri(file: string): string {
    return pathToFileURL(path.join(this.folder, file)).href;
  }

  async open(file: string, text = readFileSync(path.join(this.folder, file), 'utf8')) {
    await this.connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri: this.uri(file), languageId: 'erlang', version: 1, text },
    });
    return text;
  }

  pull(file: string, previousResultId?: string): Promise<DocumentDiagnosticReport> {
    return this.connection.sendRequest(DocumentDiagnosticRequest.type, {
      textDocument: { uri: this.uri(file) },
      identifier: 'hookshift',
      ...(previousResultId === undefined ? {} : { previousResultId }),
    });
  }

  async diagnostics(file: string): Promise<Diagnostic[]> {
    const report = await this.pull(file);
    if (report.kind !== 'full') {
      throw new Error('there is no full report without an earlier one');
    }
    return report.items;
  }

  /** Ends as the protocol wants it; the result is how the server ended. */
  async shutdown(): Promise<number | null> {
    await this.connection.sendRequest(ShutdownRequest.type);
    await this.connection.sendNotification(ExitNotification.type);
    return this.exitCode();
  }

  /** Goes away without a word, as when VS Code is killed. */
  hangUp(): Promise<number | null> {
    this.process.stdin.end();
    return this.exitCode();
  }

  async exitCode(): Promise<number | null> {
    const [code] = await this.ended;
    this.connection.dispose();
    return code as number | null;
  }

  kill(): void {
    this.process.kill();
  }

  private folders() {
    return [{ uri: pathToFileURL(this.folder).href, name: path.basename(this.folder) }];
  }
}
