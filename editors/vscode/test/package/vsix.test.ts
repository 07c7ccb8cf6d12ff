// What is published: the package, unpacked.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import vm from 'node:vm';
import { strFromU8, unzipSync } from 'fflate';

const files = new Map(
  Object.entries(unzipSync(readFileSync('hookshift.vsix'))).map(([name, bytes]) => [
    name,
    strFromU8(bytes),
  ]),
);

function content(name: string): string {
  const text = files.get(name);
  assert.ok(text !== undefined, `${name} is not in the package`);
  return text;
}

const manifest = JSON.parse(content('extension/package.json'));

test('the package holds what is needed, and nothing else', () => {
  assert.deepEqual([...files.keys()].sort(), [
    '[Content_Types].xml',
    'extension.vsixmanifest',
    'extension/LICENSE.txt',
    'extension/changelog.md',
    'extension/dist/LICENSES.txt',
    'extension/dist/extension.js',
    'extension/package.json',
    'extension/readme.md',
  ]);
});

test('it is known by its name, and where it comes from', () => {
  const { name, publisher, license, repository, engines } = manifest;
  assert.equal(`${publisher}.${name}`, 'hookshift.hookshift');
  assert.equal(license, 'Apache-2.0');
  assert.equal(repository.url, 'https://github.com/hookshift/hookshift');
  const outer = content('extension.vsixmanifest');
  assert.ok(outer.includes(`Id="hookshift" Version="${manifest.version}" Publisher="hookshift"`));
  assert.ok(outer.includes(`Id="Microsoft.VisualStudio.Code.Engine" Value="${engines.vscode}"`));
});

test('it starts for Erlang, and for projects that have a configuration', () => {
  assert.deepEqual(manifest.activationEvents, [
    'onLanguage:erlang',
    'workspaceContains:**/hookshift.toml',
  ]);
  assert.deepEqual(manifest.contributes.languages, [
    { id: 'erlang', aliases: ['Erlang'], extensions: ['.erl', '.hrl', '.escript'] },
  ]);
});

test('a workspace that is not trusted cannot choose the program', () => {
  const { untrustedWorkspaces, virtualWorkspaces } = manifest.capabilities;
  assert.equal(untrustedWorkspaces.supported, 'limited');
  assert.deepEqual(untrustedWorkspaces.restrictedConfigurations, ['hookshift.path']);
  assert.equal(virtualWorkspaces.supported, false);
  const { properties } = manifest.contributes.configuration;
  assert.equal(properties['hookshift.path'].scope, 'machine-overridable');
});

test('nothing is installed or built with it', () => {
  assert.equal(manifest.dependencies, undefined);
  assert.equal(manifest.extensionDependencies, undefined);
});

test('the program loads with nothing but VS Code and what Node.js has', () => {
  const asked: string[] = [];
  // Whatever is taken from `vscode` while the file is read: classes to extend, and enumerations.
  const anything: unknown = new Proxy(class {}, {
    get: (target, key) => (key in target ? Reflect.get(target, key) : anything),
  });
  const module = { exports: {} as Record<string, unknown> };
  const load = vm.compileFunction(content('extension/dist/extension.js'), [
    'exports',
    'require',
    'module',
  ]);
  load(
    module.exports,
    (name: string) => {
      asked.push(name);
      if (name === 'vscode') {
        return anything;
      }
      assert.ok(process.getBuiltinModule(name), `${name} is missing`);
      return require(name);
    },
    module,
  );
  assert.ok(asked.includes('vscode'));
  assert.equal(typeof module.exports.activate, 'function');
  assert.equal(typeof module.exports.deactivate, 'function');
});

test('the packages in the bundle come with their licences', () => {
  const text = content('extension/dist/LICENSES.txt');
  for (const name of [
    'vscode-languageclient',
    'vscode-languageserver-protocol',
    'vscode-jsonrpc',
  ]) {
    assert.match(text, new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(MIT\\)$`, 'm'));
  }
});

test('links lead somewhere from a page outside the repository', () => {
  for (const name of ['extension/readme.md', 'extension/changelog.md']) {
    for (const [, target] of content(name).matchAll(/\]\(([^)]+)\)/g)) {
      assert.match(target ?? '', /^https:\/\//, `in ${name}`);
    }
  }
});
