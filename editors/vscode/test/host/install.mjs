// Installs VS Code for the tests, unless what is there is what the lock file says. It is a quarter of a gigabyte, which nobody
// needs who only builds the extension.

import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const directory = path.dirname(fileURLToPath(import.meta.url));
const lock = readFileSync(path.join(directory, 'package-lock.json'), 'utf8');
const note = path.join(directory, 'node_modules/.installed.json');

if (installed() !== lock) {
  rmSync(note, { force: true });
  execFileSync('npm', ['ci'], {
    cwd: directory,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  writeFileSync(note, lock);
}

function installed() {
  try {
    return readFileSync(note, 'utf8');
  } catch {
    return undefined;
  }
}
