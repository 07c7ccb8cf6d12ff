// The page that `hookshift check --output html=FILE` writes, in a real browser: as a person uses it, with the mouse and with the keyboard,
// in light and dark, on paper, without scripts, and as the rules of axe have it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { binary, directory, open, root, violations } from './browser.mjs';

function report(name, paths, ...options) {
  const file = join(directory, `${name}.html`);
  const json = join(directory, `${name}.json`);
  execFileSync(binary, ['check', ...paths, '--exit-zero', '--format', 'concise', '--output', `html=${file}`, '--output', `json=${json}`, ...options], {
    cwd: root,
    env: { ...process.env, GITHUB_ACTIONS: '', GITLAB_CI: '' },
    stdio: ['ignore', 'ignore', 'inherit'],
    maxBuffer: 1 << 28,
  });
  return { url: pathToFileURL(file).href, file, findings: JSON.parse(readFileSync(json, 'utf8')).findings };
}

/** A project in which a lot is found. */
function large(modules) {
  const path = join(directory, `large-${modules}`);
  mkdirSync(path);
  for (let at = 0; at < modules; at++) {
    const handlers = Array.from({ length: 50 }, (_, it) => `    gen_hook:add_handler(c2s_remote_hook, HostType, fun ?MODULE:h${it}/3, #{}, ${it + 1})`);
    const functions = Array.from({ length: 50 }, (_, it) => `h${it}(Acc, _Params, _Extra) ->\n    {ok, Acc}.\n`);
    const exports = Array.from({ length: 50 }, (_, it) => `h${it}/3`).join(', ');
    writeFileSync(
      join(path, `mod_large_${at}.erl`),
      `-module(mod_large_${at}).\n-export([start/2, ${exports}]).\nstart(HostType, _Opts) ->\n${handlers.join(',\n')}.\n${functions.join('')}`,
    );
  }
  return path;
}

test('everything that was found is on the page', async () => {
  const acme = report('acme', ['corpus/acme']);
  const { page, context, trouble } = await open(acme.url);
  assert.equal(await page.locator('.finding').count(), acme.findings.length);
  assert.match(await page.title(), /MongooseIM 6\.0\.0 → 6\.1\.0/);
  const ids = await page.locator('.finding').evaluateAll((all) => all.map((it) => it.id).sort());
  assert.deepEqual(ids, acme.findings.map((it) => it.fingerprint).sort());
  assert.equal(await page.locator('#shown').textContent(), `${acme.findings.length} findings`);
  const first = page.locator('.finding').first();
  assert.equal(await first.locator('pre').first().isVisible(), false);
  await first.locator('summary').click();
  assert.equal(await first.locator('pre').first().isVisible(), true);
  assert.ok((await page.locator('.sides').count()) > 10);
  assert.ok((await page.locator('.plan li').count()) > 5);
  assert.deepEqual(trouble, []);
  await context.close();
});

test('what is asked for is what is shown', async () => {
  const acme = report('filter', ['corpus/acme']);
  const { page, context, trouble } = await open(acme.url);
  const shown = () => page.locator('.finding:not([hidden])').evaluateAll((all) => all.filter((it) => it.closest('.module:not([hidden])')).map((it) => it.id).sort());
  const of = (wanted) => acme.findings.filter(wanted).map((it) => it.fingerprint).sort();
  const settled = async (count) => page.waitForFunction((text) => document.getElementById('shown').textContent.startsWith(text), `${count}`);
  await page.getByLabel('Rule').selectOption('removed-hook');
  let wanted = of((it) => it.rule === 'removed-hook');
  await settled(wanted.length);
  assert.deepEqual(await shown(), wanted);
  await page.getByLabel('Errors').uncheck();
  wanted = of((it) => it.rule === 'removed-hook' && it.severity !== 'error');
  await settled(wanted.length);
  assert.deepEqual(await shown(), wanted);
  await page.getByRole('button', { name: 'Show all' }).click();
  await settled(acme.findings.length);
  await page.getByLabel('Words').fill('MOD_ACME_PUSH  jid');
  await page.waitForTimeout(300);
  const found = await shown();
  assert.ok(found.length > 0 && found.length < acme.findings.length);
  const texts = await page.locator('.finding:not([hidden])').evaluateAll((all) => all.filter((it) => it.closest('.module:not([hidden])')).map((it) => `${it.textContent} ${it.dataset.where}`.toLowerCase()));
  assert.ok(texts.every((text) => text.includes('mod_acme_push') && text.includes('jid')));
  await page.getByLabel('Words').fill('nothing has such words');
  await page.locator('#none').waitFor({ state: 'visible' });
  await page.getByRole('button', { name: 'Show all' }).click();
  await page.getByRole('button', { name: 'Open all' }).click();
  assert.equal(await page.locator('.finding:not([open])').count(), 0);
  await page.getByRole('button', { name: 'Close all' }).click();
  assert.equal(await page.locator('.finding[open]').count(), 0);
  assert.deepEqual(trouble, []);
  await context.close();
});

test('a keyboard is enough', async () => {
  const acme = report('keys', ['corpus/acme']);
  const { page, context } = await open(acme.url);
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to the findings');
  await page.keyboard.press('Enter');
  const summary = page.locator('.finding summary').first();
  await summary.focus();
  await page.keyboard.press('Enter');
  assert.equal(await page.locator('.finding[open]').count(), 1);
  await page.keyboard.press('Space');
  assert.equal(await page.locator('.finding[open]').count(), 0);
  await page.locator('.plan > details > summary').focus();
  await page.keyboard.press('Enter');
  assert.equal(await page.locator('.plan ul.tasks').first().isVisible(), true);
  await context.close();
});

test('a link to a finding opens it', async () => {
  const acme = report('link', ['corpus/acme']);
  const wanted = acme.findings.at(-1).fingerprint;
  const { page, context } = await open(`${acme.url}#${wanted}`);
  await page.waitForFunction((id) => document.getElementById(id).open, wanted);
  await context.close();
});

for (const colorScheme of ['light', 'dark']) {
  test(`axe has nothing to say (${colorScheme})`, async () => {
    const acme = report(`axe-${colorScheme}`, ['corpus/acme']);
    const { page, context } = await open(acme.url, { colorScheme, bypassCSP: true });
    const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const brightness = background.match(/\d+/g).slice(0, 3).reduce((sum, it) => sum + Number(it), 0) / 3;
    assert.ok(colorScheme === 'dark' ? brightness < 60 : brightness > 200, background);
    await page.getByRole('button', { name: 'Open all' }).click();
    await page.locator('.plan details').evaluateAll((all) => all.forEach((it) => (it.open = true)));
    assert.deepEqual(await violations(page), []);
    await context.close();
  });
}

test('a narrow window has everything', async () => {
  const acme = report('narrow', ['corpus/acme']);
  const { page, context } = await open(acme.url, { viewport: { width: 360, height: 800 } });
  await page.getByRole('button', { name: 'Open all' }).click();
  const [wide, inner] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(wide <= inner + 1, `${wide} pixels in a window of ${inner}`);
  await context.close();
});

test('on paper there is no filter, and nothing is folded away', async () => {
  const acme = report('paper', ['corpus/acme']);
  const { page, context } = await open(acme.url);
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.locator('form.filter').isVisible(), false);
  await page.evaluate(() => window.dispatchEvent(new Event('beforeprint')));
  assert.equal(await page.locator('.finding:not([open])').count(), 0);
  await context.close();
});

test('without scripts all is there but the filter', async () => {
  const acme = report('plain', ['corpus/acme']);
  const { page, context } = await open(acme.url, { javaScriptEnabled: false });
  assert.equal(await page.locator('form.filter').isVisible(), false);
  assert.equal(await page.locator('.finding').count(), acme.findings.length);
  await page.locator('.finding summary').first().click();
  assert.equal(await page.locator('.finding pre').first().isVisible(), true);
  await context.close();
});

test('odd names and odd text do no harm', async () => {
  const path = join(directory, 'odd');
  mkdirSync(path);
  writeFileSync(
    join(path, 'mod_<b>&"\'.erl'),
    '-module(mod_odd).\nstart(H, _) ->\n    gen_hook:add_handler(\'</script><img src=x onerror=alert(1)>\', H, fun ?MODULE:f/3, #{}, 50). % \u202e x\nf(A, _, _) -> {ok, A}.\n',
  );
  const odd = report('odd', [path]);
  const { page, context, trouble } = await open(odd.url);
  assert.ok(odd.findings.length > 0);
  assert.equal(await page.locator('.finding').count(), odd.findings.length);
  assert.equal(await page.locator('img').count(), 0);
  assert.ok(!readFileSync(odd.file, 'utf8').includes('\u202e'));
  assert.deepEqual(trouble, []);
  await context.close();
});

test('nothing found is a page, too', async () => {
  const path = join(directory, 'clean');
  mkdirSync(path);
  writeFileSync(join(path, 'mod_clean.erl'), '-module(mod_clean).\n-export([f/0]).\nf() -> ok.\n');
  const clean = report('clean', [path]);
  const { page, context, trouble } = await open(clean.url, { bypassCSP: true });
  await page.getByText('Nothing was found.').waitFor();
  assert.deepEqual(await violations(page), []);
  assert.deepEqual(trouble, []);
  await context.close();
});

test('five thousand findings can be filtered as well', async () => {
  const many = report('large', [large(100)]);
  assert.ok(many.findings.length >= 5000, `${many.findings.length}`);
  const { page, context, trouble } = await open(many.url);
  assert.equal(await page.locator('.finding').count(), many.findings.length);
  await page.getByLabel('Words').fill('mod_large_7:h13/3');
  const wanted = many.findings.filter((it) => it.handler === 'mod_large_7:h13/3').length;
  assert.ok(wanted > 0);
  await page.waitForFunction((text) => document.getElementById('shown').textContent.startsWith(text), `${wanted} of `);
  assert.deepEqual(trouble, []);
  await context.close();
});

test('reports of several repositories are a page as well', async () => {
  const shards = ['filter', 'link'].map((name) => report(`shard-${name}`, [`corpus/acme/src/mod_acme_${name === 'filter' ? 'filter' : 'push'}.erl`]));
  const reports = ['filter', 'link'].map((name) => `acme-${name}=${join(directory, `shard-${name}.json`)}`);
  const file = join(directory, 'merged.html');
  execFileSync(binary, ['merge', ...reports, '--exit-zero', '--output', `html=${file}`], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  const { page, context, trouble } = await open(pathToFileURL(file).href, { bypassCSP: true });
  const all = shards.reduce((sum, it) => sum + it.findings.length, 0);
  assert.ok(all > 0);
  assert.equal(await page.locator('.finding').count(), all);
  assert.equal(await page.locator('.module').count(), 2);
  assert.match(await page.title(), /2 repositories checked/);
  await page.locator('.finding summary').first().click();
  assert.deepEqual(await violations(page), []);
  assert.deepEqual(trouble, []);
  await context.close();
});
