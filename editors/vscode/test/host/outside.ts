// Starts a real VS Code without a screen: its server, as the package code-server has it, with the extension installed from the
// package that is published; and its workbench in Chromium.

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { type Browser, chromium, type Page } from 'playwright-core';
import { DESK, openDesk, type Service } from './desk';

const HOST = path.resolve('test/host');
const CODE = path.join(HOST, 'node_modules/code-server/lib/vscode');
const PACKAGE = path.resolve('hookshift.vsix');
const PATIENCE = 300_000;

export interface Run {
  /** The bundle whose `run` runs the cases inside. */
  readonly cases: string;
  readonly folder: string;
  /** Where VS Code keeps what it has to keep. */
  readonly data: string;
  /** The settings of this machine. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly trusted: boolean;
  readonly environment: Readonly<Record<string, string>>;
}

export interface Result {
  readonly name: string;
  readonly error?: string;
}

export async function inCode(run: Run, more: Readonly<Record<string, Service>>): Promise<Result[]> {
  await prepare(run);
  const results: Result[] = [];
  let page: Page | undefined;
  const onPage = async <Value>(look: (page: Page) => Promise<Value>): Promise<Value> => {
    if (page === undefined) {
      throw new Error('there is no page yet');
    }
    return look(page);
  };
  const services: Record<string, Service> = {
    ...more,
    report: async (result) => void results.push(result as Result),
    notifications: () =>
      onPage((page) =>
        page.locator('.notifications-toasts .notification-list-item-message').allInnerTexts(),
      ),
    press: (label) =>
      onPage((page) =>
        page
          .locator('.notifications-toasts .notification-list-item')
          .first()
          .getByRole('button', { name: label as string })
          .click(),
      ),
  };
  const desk = await openDesk(services);
  const server = await startServer(run, { ...run.environment, [DESK]: desk.address });
  const chatter: string[] = [...server.chatter];
  let browser: Browser | undefined;
  try {
    browser = await startBrowser();
    page = await browser.newPage();
    page.on('console', (message) => chatter.push(message.text()));
    const ended = new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('VS Code did not get to the end')), PATIENCE);
      // The workbench looks for these two when it is told to run tests.
      const exposed = Promise.all([
        page?.exposeFunction('codeAutomationLog', () => {}),
        page?.exposeFunction('codeAutomationExit', (code: number) => {
          clearTimeout(timer);
          code === 0 ? resolve() : reject(new Error('the cases could not be run'));
        }),
      ]);
      exposed.then(() => page?.goto(address(server.port, run)), reject);
    });
    await ended;
  } catch (error) {
    // What was reported before is worth to be seen, too.
    results.push({ name: 'the end', error: `${error}\n${chatter.join('\n')}` });
  } finally {
    await browser?.close();
    server.process.kill();
    await desk.close();
  }
  return results;
}

function address(port: number, run: Run): string {
  const remote = (file: string) => `vscode-remote://127.0.0.1:${port}${file}`;
  const payload = [
    // VS Code runs tests only while an extension is being developed. This one is empty; hookshift is installed.
    ['extensionDevelopmentPath', remote(path.join(run.data, 'empty'))],
    ['extensionTestsPath', remote(path.resolve(run.cases))],
    ['skipWelcome', 'true'],
  ];
  const query = new URLSearchParams({ folder: run.folder, payload: JSON.stringify(payload) });
  return `http://127.0.0.1:${port}/?${query}`;
}

async function prepare(run: Run): Promise<void> {
  if (!existsSync(CODE)) {
    throw new Error('VS Code is not installed: `node test/host/install.mjs` does it');
  }
  await shareModules();
  const machine = path.join(run.data, 'data/Machine');
  const empty = path.join(run.data, 'empty');
  await mkdir(machine, { recursive: true });
  await mkdir(empty, { recursive: true });
  await writeFile(path.join(machine, 'settings.json'), JSON.stringify(run.settings));
  const manifest = { name: 'empty', publisher: 'test', version: '0.0.1', engines: { vscode: '*' } };
  await writeFile(path.join(empty, 'package.json'), JSON.stringify(manifest));
  const args = ['--install-extension', PACKAGE, '--server-data-dir', run.data];
  await promisify(execFile)(process.execPath, [path.join(CODE, 'out/server-main.js'), ...args]);
}

/** The workbench wants its modules in one place, where only an install script would put them. */
async function shareModules(): Promise<void> {
  const link = path.join(CODE, 'node_modules');
  const target = path.relative(CODE, path.join(HOST, 'node_modules'));
  if ((await readlink(link).catch(() => undefined)) !== target) {
    await rm(link, { recursive: true, force: true });
    await symlink(target, link);
  }
}

interface CodeServer {
  readonly process: ChildProcess;
  readonly port: number;
  readonly chatter: string[];
}

async function startServer(
  run: Run,
  environment: Readonly<Record<string, string>>,
): Promise<CodeServer> {
  const args = [
    path.join(CODE, 'out/server-main.js'),
    ...['--host', '127.0.0.1', '--port', '0'],
    ...['--server-data-dir', run.data],
    '--without-connection-token',
    '--accept-server-license-terms',
    '--force-disable-user-env',
    ...(run.trusted ? ['--disable-workspace-trust'] : []),
  ];
  const process_ = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  const chatter: string[] = [];
  createInterface(process_.stderr).on('line', (line) => chatter.push(line));
  const port = new Promise<number>((resolve) => {
    createInterface(process_.stdout).on('line', (line) => {
      chatter.push(line);
      const listening = /listening on (\d+)/.exec(line);
      if (listening?.[1] !== undefined) {
        resolve(Number(listening[1]));
      }
    });
  });
  const exit = once(process_, 'exit').then(() => {
    throw new Error(`the server of VS Code did not start\n${chatter.join('\n')}`);
  });
  return { process: process_, port: await Promise.race([port, exit]), chatter };
}

function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: findBrowser(),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

function findBrowser(): string {
  const named = process.env.CHROMIUM;
  if (named !== undefined) {
    return named;
  }
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const found = (process.env.PATH ?? '')
    .split(path.delimiter)
    .flatMap((directory) => names.map((name) => path.join(directory, name)))
    .find((file) => existsSync(file));
  if (found === undefined) {
    throw new Error('there is no Chromium on the PATH; CHROMIUM can name one');
  }
  return found;
}
