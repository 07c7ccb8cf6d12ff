// Bundles the extension into one file, or the tests into `out`.
//
//   node build.mjs                 the extension, with a source map
//   node build.mjs --production    the extension as it is published
//   node build.mjs --tests         the tests

import { readdirSync, readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';

const common = {
  bundle: true,
  platform: 'node',
  // What the oldest VS Code that the manifest admits runs on.
  target: 'node20',
  logLevel: 'warning',
};

if (process.argv.includes('--tests')) {
  await rm('out', { recursive: true, force: true });
  const tests = readdirSync('test', { recursive: true, encoding: 'utf8' })
    .filter((name) => !name.includes('node_modules') && /\.(test|cases)\.ts$/.test(name))
    .map((name) => path.join('test', name));
  await build({
    ...common,
    entryPoints: tests,
    outbase: 'test',
    outdir: 'out',
    format: 'cjs',
    sourcemap: 'inline',
    external: ['vscode', 'playwright-core'],
  });
} else {
  const production = process.argv.includes('--production');
  await rm('dist', { recursive: true, force: true });
  const { metafile } = await build({
    ...common,
    entryPoints: ['src/extension.ts'],
    outfile: 'dist/extension.js',
    format: 'cjs',
    external: ['vscode'],
    minify: production,
    sourcemap: !production,
    metafile: true,
  });
  await writeFile('dist/LICENSES.txt', licences(Object.keys(metafile.inputs)));
}

/** What the packages in the bundle ask to be handed on with them. */
function licences(inputs) {
  const packages = new Set(
    inputs
      .map((input) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0])
      .filter((directory) => directory !== undefined),
  );
  const texts = [...packages].sort().map((directory) => {
    const { name, version, license } = JSON.parse(
      readFileSync(path.join(directory, 'package.json'), 'utf8'),
    );
    const file = readdirSync(directory).find((entry) => /^licen[cs]e/i.test(entry));
    if (file === undefined) {
      throw new Error(`${directory} has no licence`);
    }
    const text = readFileSync(path.join(directory, file), 'utf8').trim();
    return `${name} ${version} (${license})\n\n${text}\n`;
  });
  return `dist/extension.js has these packages in it:\n\n${texts.join(`\n${'-'.repeat(80)}\n\n`)}`;
}
