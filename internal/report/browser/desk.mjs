// What the programs that use the pages of a server have in common: windows, a look at a page as people see it, and the form.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { unfit } from './unfit.mjs';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const patience = 60_000; // a guard against hanging alone

// desk is a browser. pictures is the folder for pictures of what was looked at; without it none are made.
export const desk = async (executablePath, pictures, base) => {
  const result = { complaints: [], foreign: [], axe: [], unfit: [], seen: {} };
  const browser = await chromium.launch({ executablePath, timeout: patience, args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'] });

  // open is a new window with a user of its own. A page that is refused is one that the browser complains of, rightly.
  const open = async (options, refused = false) => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, acceptDownloads: true, bypassCSP: false, ...options });
    context.setDefaultTimeout(patience);
    const page = await context.newPage();
    page.on('console', (m) => { // of the line that is cut, too
      if (/error|warning/.test(m.type()) && !m.text().includes('ERR_INCOMPLETE_CHUNKED_ENCODING') && !(refused && m.text().includes('the server responded with a status of 4'))) result.complaints.push(`${page.url()}: ${m.text()}`);
    });
    page.on('pageerror', (e) => result.complaints.push(`${page.url()}: ${e}`));
    page.on('request', (r) => { if (!r.url().startsWith('http://127.0.0.1:') && !r.url().startsWith('data:')) result.foreign.push(r.url()); });
    return page;
  };

  // look judges a page on a desk and on a phone, by day and by night.
  const look = async (page, name) => {
    await page.evaluate(() => {
      for (const e of document.querySelectorAll('.evidence details:not(:nth-of-type(1)), .finding.blocked ~ .finding.blocked')) e.remove(); // each is like the first
      for (const d of document.querySelectorAll('details:not(.evidence details)')) d.open = true;
    });
    await page.evaluate(axe); // by the debugger, which the policy does not bind
    for (const [width, scheme] of pictures ? [[1280, 'light'], [1280, 'dark'], [390, 'light'], [390, 'dark']] : [[1280, 'light'], [390, 'dark']]) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme: scheme });
      for (const wrong of await page.evaluate(unfit)) result.unfit.push(`${name}, ${width} px: ${wrong}`);
      if (pictures) await page.screenshot({ path: join(pictures, `${name}-${width}-${scheme}.png`), fullPage: true });
      const { violations } = await page.evaluate((options) => globalThis.axe.run(document, { resultTypes: ['violations'], ...options }), width === 1280 ? {} : { runOnly: { type: 'rule', values: ['color-contrast', 'target-size', 'scrollable-region-focusable'] } });
      for (const v of violations) result.axe.push(`${name}, ${scheme}: ${v.id}: ${v.nodes.slice(0, 3).map((n) => `${n.html.slice(0, 120)} (${n.failureSummary.slice(0, 200)})`).join('; ')}`);
    }
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.emulateMedia({ colorScheme: 'light' });
  };

  // fill types fields, and sends the form.
  const fill = async (page, fields, from = base) => {
    await page.goto(from);
    await page.locator('details.more > summary').click();
    for (const [name, value] of Object.entries(fields)) {
      const field = page.locator(`[name="${name}"]`);
      if (await field.evaluate((e) => e.tagName) === 'SELECT') await field.selectOption(value);
      else await field.fill(value);
    }
    await Promise.all([page.waitForURL('**/r/*'), page.getByRole('button', { name: 'Check', exact: true }).click()]);
  };

  // to goes to an element by the keyboard alone.
  const to = async (page, selector) => {
    for (let i = 0; i < 300; i++) {
      if (await page.evaluate((s) => document.activeElement.matches(s), selector)) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`${selector} is not reached by the keyboard`);
  };

  // tabs goes through a page by the keyboard alone, from its beginning: everything that can be used is reached, in the order in which it
  // stands, and shows that it has the focus.
  const tabs = async (page, name) => {
    const usable = await page.evaluate(() => {
      document.activeElement.blur();
      getSelection().removeAllRanges();
      scrollTo(0, 0);
      const all = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')].filter((e) => e.checkVisibility({ visibilityProperty: true }) && e.tabIndex >= 0);
      document.body.tabIndex = -1;
      document.body.focus();
      document.body.removeAttribute('tabindex');
      globalThis.reached = [];
      return all.length;
    });
    const wrong = new Set();
    for (let i = 0; i < usable + 20; i++) {
      await page.keyboard.press('Tab');
      const says = await page.evaluate(() => {
        const e = document.activeElement;
        const { reached } = globalThis;
        if (e === document.body || reached.includes(e)) return 'over';
        const last = reached.at(-1);
        reached.push(e);
        const style = getComputedStyle(e);
        const called = `${e.tagName.toLowerCase()} ${(e.textContent || e.name).trim().slice(0, 40)}`;
        if (last && !(last.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING)) return `${called} comes out of order`;
        if ((style.outlineStyle === 'none' || parseFloat(style.outlineWidth) === 0) && style.boxShadow === 'none') return `${called} does not show the focus`;
        return '';
      });
      if (says === 'over') break;
      if (says) wrong.add(says);
    }
    const missed = await page.evaluate(() => [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')]
      .filter((e) => e.checkVisibility({ visibilityProperty: true }) && e.tabIndex >= 0 && !globalThis.reached.includes(e)).map((e) => e.outerHTML.slice(0, 80)));
    for (const w of [...wrong, ...missed.map((m) => `not reached: ${m}`)]) result.unfit.push(`${name}, by keyboard: ${w}`);
  };

  const headline = async (page) => {
    await page.waitForSelector('#filters', { state: 'attached' });
    return page.textContent('h1');
  };
  return { browser, result, open, look, fill, to, tabs, headline };
};
