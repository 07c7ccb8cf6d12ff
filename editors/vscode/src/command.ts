// Which program is the server, and what to say when it cannot be one.

import { execFile } from 'node:child_process';
import path from 'node:path';

export interface Command {
  readonly command: string;
  readonly args: readonly string[];
}

/** Where names that are not absolute start from. */
export interface Place {
  readonly home: string;
  /** The first folder of the workspace, if there is one on disk. */
  readonly folder: string | undefined;
}

/** The program that the setting `hookshift.path` names. */
export function serverCommand(setting: unknown, place: Place): Command {
  return { command: program(setting, place), args: ['lsp'] };
}

function program(setting: unknown, { home, folder }: Place): string {
  const text = typeof setting === 'string' ? setting.trim() : '';
  if (text === '') {
    return 'hookshift';
  }
  const named = text.replace(/^~(?=$|[/\\])/, () => home);
  const placed =
    folder === undefined ? named : named.replaceAll('${workspaceFolder}', () => folder);
  // A bare name is left to the `PATH`. Anything else would start from wherever VS Code happened to be started.
  return /[/\\]/.test(placed) ? path.resolve(folder ?? home, placed) : placed;
}

/** Why there is no server. */
export type Failure =
  | { readonly kind: 'missing' }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'outdated' }
  | { readonly kind: 'silent' }
  | { readonly kind: 'broken'; readonly reason: string }
  | { readonly kind: 'crashing' };

/** What is shown: what is wrong, and what to do about it. */
export function failureMessage(command: string, failure: Failure): string {
  const bare = !/[/\\]/.test(command);
  const elsewhere = 'or set `hookshift.path` to where it is.';
  switch (failure.kind) {
    case 'missing':
      return bare
        ? `hookshift: there is no \`${command}\` on the PATH. Install it, ${elsewhere}`
        : `hookshift: there is no program \`${command}\`. Install it, ${elsewhere}`;
    case 'refused':
      return `hookshift: \`${command}\` cannot be started (${failure.reason}). Mend this, or set \`hookshift.path\` to another one.`;
    case 'outdated':
      return `hookshift: \`${command}\` has no language server, so it is too old. Install a newer one, ${elsewhere}`;
    case 'silent':
      return `hookshift: \`${command}\` does not answer. Is it the right program? It is named by \`hookshift.path\`.`;
    case 'broken':
      return `hookshift: the language server of \`${command}\` did not start (${failure.reason}). The output says more.`;
    case 'crashing':
      return `hookshift: the language server of \`${command}\` keeps ending, and is not started again. The output says more.`;
  }
}

/**
 * Whether the program has a language server at all. This is asked before it is started, as from a connection that breaks
 * at once nobody could tell a missing program from an old one.
 */
export function probe(
  { command, args }: Command,
  directory: string,
  patience = 10_000,
): Promise<Failure | undefined> {
  return new Promise((resolve) => {
    const options = { cwd: directory, timeout: patience, windowsHide: true };
    try {
      execFile(command, [...args, '--help'], options, (error) => {
        resolve(error === null ? undefined : probeFailure(error));
      });
    } catch (error) {
      // Node refuses some names and files without trying them.
      resolve({ kind: 'refused', reason: error instanceof Error ? error.message : String(error) });
    }
  });
}

interface ProbeError {
  /** How it ended, or which system call failed how. */
  readonly code?: string | number | null | undefined;
  readonly killed?: boolean | undefined;
  readonly signal?: string | null | undefined;
}

export function probeFailure({ code, killed, signal }: ProbeError): Failure {
  if (code === 'ENOENT') {
    return { kind: 'missing' };
  }
  if (typeof code === 'string') {
    return { kind: 'refused', reason: code };
  }
  if (killed === true) {
    return { kind: 'silent' };
  }
  if (typeof signal === 'string') {
    return { kind: 'refused', reason: signal };
  }
  return { kind: 'outdated' };
}

/** Counts how often the server ended by itself, so that it is not started for ever. */
export class Endings {
  private readonly times: number[] = [];

  constructor(
    private readonly most = 3,
    private readonly within = 3 * 60_000,
  ) {}

  /** Whether it may be started again after it ended now. */
  again(now: number): boolean {
    this.times.push(now);
    while (this.times[0] !== undefined && now - this.times[0] > this.within) {
      this.times.shift();
    }
    return this.times.length <= this.most;
  }
}
