// Programs to name by `hookshift.path`: the real one, watched, and some that are not as they should be.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export type Name = 'real' | 'planted' | 'old' | 'dying' | 'crashing' | 'hanging';

export class Programs {
  constructor(
    private readonly directory: string,
    binary: string,
  ) {
    mkdirSync(directory, { recursive: true });
    this.write('real', watching(binary));
    this.write('planted', '');
    this.write('old', 'process.exit(2);');
    this.write('dying', `${helping}process.exit(1);`);
    this.write('crashing', `${helping}${crashing}`);
    this.write('hanging', `${helping}process.stdin.resume();`);
  }

  path(name: Name | 'missing'): string {
    return path.join(this.directory, name);
  }

  /** How often it was run, for whatever. */
  runs(name: Name): number {
    return this.log(name).length;
  }

  /** How often it was started as a server. */
  starts(name: Name): number {
    return this.log(name).filter((args) => args === 'lsp').length;
  }

  /** The parameters of the first request to the server that was started last. */
  firstSent(name: Name): Record<string, unknown> {
    const sent = readFileSync(`${this.path(name)}.sent`);
    const [header, length] = /^Content-Length: (\d+)\r\n\r\n/.exec(sent.toString('latin1')) ?? [];
    if (header === undefined) {
      throw new Error(`nothing was sent to ${name}`);
    }
    const body = sent.subarray(header.length, header.length + Number(length));
    return JSON.parse(body.toString('utf8')).params;
  }

  private log(name: Name): string[] {
    const file = `${this.path(name)}.log`;
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  }

  private write(name: Name, script: string): void {
    const log = `require('node:fs').appendFileSync(${JSON.stringify(`${this.path(name)}.log`)}, process.argv.slice(2).join(' ') + '\\n');`;
    writeFileSync(this.path(name), `#!${process.execPath}\n${log}\n${script}\n`, { mode: 0o755 });
  }
}

const helping = `if (process.argv.includes('--help')) process.exit(0);\n`;

/** Answers the first request as a server would, and ends. */
const crashing = `
process.stdin.once('data', () => {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 0, result: { capabilities: {} } });
  process.stdout.write('Content-Length: ' + body.length + '\\r\\n\\r\\n' + body);
  setTimeout(() => process.exit(1), 100);
});`;

function watching(binary: string): string {
  return `
const child = require('node:child_process').spawn(${JSON.stringify(binary)}, process.argv.slice(2), {
  stdio: ['pipe', 'inherit', 'inherit'],
});
const sent = require('node:fs').createWriteStream(process.argv[1] + '.sent');
process.stdin.pipe(sent);
process.stdin.pipe(child.stdin);
child.on('exit', (code) => process.exit(code ?? 1));`;
}
