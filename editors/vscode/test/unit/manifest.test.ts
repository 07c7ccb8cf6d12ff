// Holds the manifest against what the rest of the repository says.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

const root = process.cwd();
const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const settings = manifest.contributes.configuration.properties;

test('the settings offer exactly the rules that have a page', () => {
  const rules = readdirSync(path.join(root, '../../docs/rules'))
    .filter((name) => name.endsWith('.md') && name !== 'README.md')
    .map((name) => path.basename(name, '.md'))
    .sort();
  assert.ok(rules.length > 0);
  if (process.env.UPDATE === '1') {
    settings['hookshift.rules.select'].items.enum = rules;
    settings['hookshift.rules.ignore'].items.enum = rules;
    settings['hookshift.rules.severity'].propertyNames.enum = rules;
    writeFileSync(path.join(root, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
  }
  assert.deepEqual(settings['hookshift.rules.select'].items.enum, rules);
  assert.deepEqual(settings['hookshift.rules.ignore'].items.enum, rules);
  assert.deepEqual(settings['hookshift.rules.severity'].propertyNames.enum, rules);
});

test('every setting says what it is, and stands in the README', () => {
  const readme = readFileSync(path.join(root, 'README.md'), 'utf8');
  for (const [name, setting] of Object.entries<Record<string, unknown>>(settings)) {
    assert.ok(setting.description ?? setting.markdownDescription, name);
    assert.ok(setting.scope, name);
    assert.ok(readme.includes(`\`${name}\``), `${name} is not in the README`);
  }
});

test('every command stands in the README', () => {
  const readme = readFileSync(path.join(root, 'README.md'), 'utf8');
  for (const { category, title } of manifest.contributes.commands) {
    assert.ok(readme.includes(`${category}: ${title}`), `${title} is not in the README`);
  }
});

test('the client knows no newer VS Code than the manifest admits', () => {
  const typed = manifest.devDependencies['@types/vscode'];
  assert.equal(typed.replace('~', '^'), manifest.engines.vscode);
});

test('the changelog has the version', () => {
  const changelog = readFileSync(path.join(root, 'CHANGELOG.md'), 'utf8');
  assert.ok(changelog.includes(`## ${manifest.version}`));
});

test('the licence is that of the repository', () => {
  assert.equal(
    readFileSync(path.join(root, 'LICENSE'), 'utf8'),
    readFileSync(path.join(root, '../../LICENSE'), 'utf8'),
  );
});
