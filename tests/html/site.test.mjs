// The documentation as a site, in a real browser: every page, as the rules of axe have it, and whether what it links to is there.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { binary, directory, open, root, violations } from './browser.mjs';

const site = join(directory, 'site');
let pages;

before(() => {
  execFileSync(binary, ['dev', 'site', site], { cwd: root, stdio: 'inherit' });
  pages = readdirSync(site, { recursive: true }).filter((name) => name.endsWith('.html'));
});

for (const colorScheme of ['light', 'dark']) {
  test(`axe has nothing to say (${colorScheme})`, async () => {
    const { page, context, trouble } = await open(pathToFileURL(join(site, 'index.html')).href, { colorScheme });
    for (const name of ['index.html', 'guide.html', 'ci.html', 'hooks-6.0.0-to-6.1.0.html', 'rules/index.html', 'rules/removed-hook.html']) {
      await page.goto(pathToFileURL(join(site, name)).href);
      assert.deepEqual(await violations(page), [], name);
    }
    assert.deepEqual(trouble, []);
    await context.close();
  });
}

test('every link leads somewhere', async () => {
  const { page, context } = await open(pathToFileURL(join(site, 'index.html')).href);
  assert.ok(pages.length > 40, `${pages.length} pages`);
  for (const name of pages) {
    await page.goto(pathToFileURL(join(site, name)).href);
    const hrefs = await page.locator('a').evaluateAll((all) => all.map((it) => it.href));
    assert.ok(hrefs.length > 10);
    for (const href of hrefs.filter((it) => it.startsWith('file:'))) {
      assert.ok(existsSync(fileURLToPath(href.split('#')[0])), `${name}: ${href}`);
    }
    const missing = await page.evaluate(() => {
      const here = location.href.split('#')[0];
      const own = [...document.links].filter((it) => it.hash && it.href.startsWith(`${here}#`));
      return own.map((it) => decodeURIComponent(it.hash.slice(1))).filter((id) => !document.getElementById(id));
    });
    assert.deepEqual(missing, [], name);
  }
  await context.close();
});

test('a hook is found among all of them', async () => {
  const { page, context } = await open(pathToFileURL(join(site, 'hooks-6.0.0-to-6.1.0.html')).href);
  await page.getByText('On this page').click();
  await page.getByLabel('Look for').fill('USER_SEND_P');
  const shown = await page.locator('#sections li:not([hidden])').allTextContents();
  assert.ok(shown.length >= 2 && shown.every((text) => text.toLowerCase().includes('user_send_p')), shown.join(', '));
  await page.locator('#sections li:not([hidden]) a').first().click();
  assert.ok((await page.evaluate(() => location.hash)).length > 1);
  await context.close();
});

test('a narrow window has everything', async () => {
  const { page, context } = await open(pathToFileURL(join(site, 'guide.html')).href, { viewport: { width: 360, height: 800 } });
  const [wide, inner] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(wide <= inner + 1, `${wide} pixels in a window of ${inner}`);
  await context.close();
});
