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
  // From a file to its source, which the keys scroll, and on to what is said in it.
  await page.locator('.whole summary').first().focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.matches('.whole[open] > pre')), true);
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.matches('.told a')), true);
  await page.keyboard.press('Enter');
  await page.locator('.finding:target[open]').waitFor();
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

test('the whole of each file is there, and says what was found', async () => {
  const acme = report('whole', ['corpus/acme']);
  const { page, context, trouble } = await open(acme.url);
  assert.equal(await page.locator('.whole').count(), await page.locator('.module').count());
  assert.equal(await page.locator('.whole[open]').count(), 0);
  const files = await page.locator('.module').evaluateAll((all) =>
    all.map((module) => ({
      path: module.querySelector('h3 .soft').textContent,
      text: [...module.querySelectorAll('.whole .text')].map((it) => it.textContent).join('\n'),
      // What is told follows its line, and leads to the finding; the finding leads back.
      told: [...module.querySelectorAll('.told')].map((it) => {
        let line = it;
        while (!line.matches('.hit')) line = line.previousElementSibling;
        const id = it.querySelector('a').hash.slice(1);
        const finding = document.getElementById(id);
        const back = [...finding.querySelectorAll('a')].some((link) => link.hash === `#${line.id}`);
        return `${line.querySelector('.numbers').textContent} ${id} ${finding.closest('.module') === module && back}`;
      }),
    })),
  );
  for (const { path, text, told } of files) {
    const bytes = readFileSync(join(root, path));
    const source = bytes.toString(bytes.includes('coding: latin-1') ? 'latin1' : 'utf8');
    assert.equal(text, source.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n').trimEnd(), path);
    const wanted = acme.findings.filter((it) => it.path === path).map((it) => `${it.range.start.line} ${it.fingerprint} true`);
    assert.ok(wanted.length > 0);
    assert.deepEqual(told.sort(), wanted.sort(), path);
  }
  const first = page.locator('.whole').first();
  await first.locator('summary').click();
  assert.equal(await first.locator('.hit').first().isVisible(), true);
  assert.deepEqual(trouble, []);
  await context.close();
});

for (const javaScriptEnabled of [true, false]) {
  test(`a line and its finding lead to each other ${javaScriptEnabled ? 'with' : 'without'} scripts`, async () => {
    const acme = report(`jump-${javaScriptEnabled}`, ['corpus/acme']);
    const { page, context } = await open(acme.url, { javaScriptEnabled, reducedMotion: 'reduce' });
    const module = page.locator('.module').nth(3);
    const finding = module.locator('.finding').last();
    await finding.locator('summary').click();
    await finding.getByText('in the whole file').click();
    await module.locator('.hit:target').waitFor({ state: 'visible' });
    const line = module.locator(`[id="${await module.locator('.hit:target').getAttribute('id')}"]`);
    assert.equal(await module.locator('.whole[open]').count(), 1);
    const isSeen = async (it) => {
      const { y, height } = await it.boundingBox();
      const { y: top, height: room } = await page.locator('form.filter').boundingBox() ?? { y: 0, height: 0 };
      return y >= top + room && y + height <= 900;
    };
    assert.ok(await isSeen(line));
    await finding.locator('summary').click();
    assert.equal(await finding.getAttribute('open'), null);
    const back = module.locator('.told a').and(page.locator(`[href="#${await finding.getAttribute('id')}"]`));
    await back.click();
    assert.ok(await isSeen(finding.locator('summary')));
    if (javaScriptEnabled) {
      await page.locator('.finding:target[open]').waitFor();
      // The same link once more, after what it opened was closed.
      await finding.locator('summary').click();
      await back.click();
      await page.locator('.finding:target[open]').waitFor();
    }
    await context.close();
  });
}

test('a link to a line opens its file, whatever is filtered', async () => {
  const acme = report('line', ['corpus/acme']);
  const plain = await open(acme.url);
  const id = await plain.page.locator('.hit').last().getAttribute('id');
  await plain.context.close();
  const { page, context } = await open(`${acme.url}#${id}`);
  await page.locator('.hit:target').waitFor({ state: 'visible' });
  assert.equal(await page.locator('.whole[open]').count(), 1);
  await page.getByLabel('Words').fill('nothing has such words');
  await page.locator('#none').waitFor({ state: 'visible' });
  const other = await page.locator('.hit').first().getAttribute('id');
  await page.evaluate((id) => (location.hash = id), other);
  await page.locator('.hit:target').waitFor({ state: 'visible' });
  assert.equal(await page.locator('.hit:target').getAttribute('id'), other);
  assert.equal(await page.locator('#shown').textContent(), `${acme.findings.length} findings`);
  await context.close();
});

test('a configuration is shown without its passwords', async () => {
  const path = join(directory, 'config');
  mkdirSync(path);
  const other = Array.from({ length: 10 }, (_, at) => `# ${at}\n`).join('');
  writeFileSync(
    join(path, 'mongooseim.toml'),
    `[general]\n  hosts = ["localhost"]\n[outgoing_pools.rdbms.default.connection]\n  password = "sesame"\n${other}[listen]\n  [[listen.c2s]]\n    port = 5222\n    zlib = 10000\n`,
  );
  const config = report('config', [path]);
  assert.ok(config.findings.length > 0);
  const { page, context } = await open(config.url);
  await page.locator('.whole summary').click();
  assert.equal(await page.locator('.hit').first().isVisible(), true);
  assert.match(await page.locator('.whole').textContent(), /password = •••/);
  assert.ok(!readFileSync(config.file, 'utf8').includes('sesame'));
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
    await page.locator('.plan details, .whole').evaluateAll((all) => all.forEach((it) => (it.open = true)));
    assert.deepEqual(await violations(page), []);
    await context.close();
  });
}

test('a narrow window has everything', async () => {
  const acme = report('narrow', ['corpus/acme']);
  const { page, context } = await open(acme.url, { viewport: { width: 360, height: 800 } });
  await page.getByRole('button', { name: 'Open all' }).click();
  await page.locator('.whole').evaluateAll((all) => all.forEach((it) => (it.open = true)));
  // Nor does what is said go beyond what can be seen of long lines.
  const told = await page.locator('.told').evaluateAll((all) => Math.max(...all.map((it) => it.getBoundingClientRect().right)));
  assert.ok(told <= 360, `${told}`);
  const [wide, inner] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(wide <= inner + 1, `${wide} pixels in a window of ${inner}`);
  await context.close();
});

test('on paper there is no filter, and nothing is folded away but whole files', async () => {
  const acme = report('paper', ['corpus/acme']);
  const { page, context } = await open(acme.url);
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.locator('form.filter').isVisible(), false);
  await page.evaluate(() => window.dispatchEvent(new Event('beforeprint')));
  assert.equal(await page.locator('.finding:not([open])').count(), 0);
  assert.equal(await page.locator('.whole[open]').count(), 0);
  const whole = page.locator('.whole').first();
  await whole.evaluate((it) => (it.open = true));
  const [high, inner] = await whole.locator('pre').evaluate((it) => [it.clientHeight, it.scrollHeight]);
  assert.ok(inner <= high, `${inner} of ${high}`);
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
  assert.equal(await page.locator('.whole').count(), 100);
  // Whole files make elements of lines with findings, and a few between them.
  const parts = await page.locator('.whole').evaluateAll((all) => all.reduce((sum, it) => sum + it.querySelectorAll('*').length, 0));
  assert.ok(parts < 14 * many.findings.length, `${parts}`);
  assert.deepEqual(trouble, []);
  await context.close();
});

test('a long file opens at once', async () => {
  const path = join(directory, 'long');
  mkdirSync(path);
  const functions = Array.from({ length: 20_000 }, (_, at) => `f${at}(X) ->\n    {<<"text">>, X}.\n\n`).join('');
  writeFileSync(
    join(path, 'mod_long.erl'),
    `-module(mod_long).\n-export([start/2, h/3]).\n${functions}start(H, _) ->\n    gen_hook:add_handler(c2s_remote_hook, H, fun ?MODULE:h/3, #{}, 1).\nh(A, _, _) ->\n    {ok, A}.\n`,
  );
  const long = report('long', [path]);
  const { page, context } = await open(long.url);
  const parts = await page.locator('.whole').evaluate((it) => it.querySelectorAll('*').length);
  assert.ok(parts < 1000, `${parts} elements`);
  // As the browser counts it, so that a busy machine does not matter: of 60,000 lines it lays out a few hundred.
  const inSight = await page.locator('.whole').evaluate(async (it) => {
    it.open = true;
    it.scrollIntoView();
    await new Promise((ready) => requestAnimationFrame(() => requestAnimationFrame(ready)));
    return [...it.querySelectorAll('.text')].filter((text) => text.checkVisibility({ contentVisibilityAuto: true })).length;
  });
  assert.ok(inSight > 0 && inSight < 20, `${inSight}`);
  await page.locator('.finding summary').first().click();
  await page.locator('.finding').first().getByText('in the whole file').click();
  const line = page.locator('.hit:target');
  await line.waitFor({ state: 'visible' });
  await page.waitForFunction(() => {
    const { top, bottom } = document.querySelector('.hit:target').getBoundingClientRect();
    return top > 0 && bottom < innerHeight;
  });
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
  // Reports have no sources, and so has this.
  assert.equal(await page.locator('.whole').count(), 0);
  await page.locator('.finding summary').first().click();
  assert.deepEqual(await violations(page), []);
  assert.deepEqual(trouble, []);
  await context.close();
});
