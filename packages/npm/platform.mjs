// Makes the package for one platform from a program that is built already.
//
//   node platform.mjs TARGET PROGRAM DIRECTORY
//
// TARGET is Rust's name of the platform. DIRECTORY gets the package, as `npm pack` takes it.
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** What npm calls the platforms that hookshift is built for. */
const PLATFORMS = {
  'aarch64-apple-darwin': { os: 'darwin', cpu: 'arm64' },
  'x86_64-apple-darwin': { os: 'darwin', cpu: 'x64' },
  'aarch64-unknown-linux-gnu': { os: 'linux', cpu: 'arm64', libc: 'glibc' },
  'aarch64-unknown-linux-musl': { os: 'linux', cpu: 'arm64', libc: 'musl' },
  'x86_64-unknown-linux-gnu': { os: 'linux', cpu: 'x64', libc: 'glibc' },
  'x86_64-unknown-linux-musl': { os: 'linux', cpu: 'x64', libc: 'musl' },
  'x86_64-pc-windows-msvc': { os: 'win32', cpu: 'x64' },
};

const [target, program, directory] = process.argv.slice(2);
const platform = PLATFORMS[target];
if (platform === undefined || directory === undefined) {
  console.error(`Usage: node platform.mjs TARGET PROGRAM DIRECTORY\nTargets: ${Object.keys(PLATFORMS).join(', ')}`);
  process.exit(2);
}
const here = path.dirname(fileURLToPath(import.meta.url));
const main = JSON.parse(readFileSync(path.join(here, 'hookshift/package.json'), 'utf8'));
const name = `@hookshift/${platform.os}-${platform.cpu}${platform.libc === 'musl' ? '-musl' : ''}`;
if (main.optionalDependencies[name] !== main.version) {
  console.error(`hookshift/package.json does not name ${name} in version ${main.version}`);
  process.exit(1);
}
const file = platform.os === 'win32' ? 'hookshift.exe' : 'hookshift';
mkdirSync(path.join(directory, 'bin'), { recursive: true });
copyFileSync(program, path.join(directory, 'bin', file));
chmodSync(path.join(directory, 'bin', file), 0o755);
copyFileSync(path.join(here, '../../LICENSE'), path.join(directory, 'LICENSE'));
writeFileSync(path.join(directory, 'README.md'), `# ${name}\n\nThe program of the package hookshift for ${target}.\n`);
const manifest = {
  name,
  version: main.version,
  description: `The program of hookshift for ${target}`,
  license: main.license,
  repository: main.repository,
  os: [platform.os],
  cpu: [platform.cpu],
  ...(platform.libc === undefined ? {} : { libc: [platform.libc] }),
  preferUnplugged: true,
  files: ['bin/', 'LICENSE', 'README.md'],
};
writeFileSync(path.join(directory, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
