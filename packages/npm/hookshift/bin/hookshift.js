#!/usr/bin/env node
// Runs the program that the package for this platform carries, in place of this process as far as one can tell.
'use strict';

const { spawn } = require('node:child_process');
const os = require('node:os');

/** The packages that can have a program for this platform, the best one first. */
function candidates() {
  const name = `@hookshift/${process.platform}-${process.arch}`;
  if (process.platform !== 'linux') {
    return [name];
  }
  // The report tells of a C library only where it is GNU's. What is built for musl needs no library and runs everywhere.
  const isGnu = Boolean(process.report?.getReport().header.glibcVersionRuntime);
  return isGnu ? [name, `${name}-musl`] : [`${name}-musl`];
}

/** The path of the program, or nothing when no package for this platform is installed. */
function program() {
  const file = process.platform === 'win32' ? 'hookshift.exe' : 'hookshift';
  for (const candidate of candidates()) {
    try {
      return require.resolve(`${candidate}/bin/${file}`);
    } catch (error) {
      if (error.code !== 'MODULE_NOT_FOUND') {
        throw error;
      }
    }
  }
  return undefined;
}

/** Ends as hookshift does that could not do its job. */
function fail(message) {
  process.stderr.write(`hookshift: ${message}\n`);
  process.exit(2);
}

const found = program();
if (found === undefined) {
  fail(
    `no program for this platform is installed: ${candidates().join(' or ')} has it. ` +
      'If there is such a package, install without --omit=optional, and on the platform that hookshift runs on.',
  );
}
const child = spawn(found, process.argv.slice(2), { stdio: 'inherit' });
child.on('error', (error) => fail(`${found} cannot be started: ${error.message}`));
// Whoever ends this process means the program.
const signals = process.platform === 'win32' ? ['SIGINT', 'SIGBREAK'] : ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];
for (const signal of signals) {
  process.on(signal, () => child.kill(signal));
}
child.on('exit', (code, signal) => {
  if (signal === null) {
    process.exit(code);
  }
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  // Where the signal is not taken, shells know this.
  setTimeout(() => process.exit(128 + (os.constants.signals[signal] ?? 0)), 1000);
});
