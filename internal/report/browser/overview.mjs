// Opens a fleet's overview in headless Chromium and says in JSON what it found wrong, what the list showed, and how many
// milliseconds passed until it was painted. What that has to be is in suites/selfproof/overview_browser_test.go.
// Usage: node overview.mjs CHROMIUM FILE [PICTURES]
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { chromium } from 'playwright-core';
import { unfit } from './unfit.mjs';

const [executablePath, file, pictures] = process.argv.slice(2);
const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const looks = [{ width: 1440, scheme: 'light' }, { width: 390, scheme: 'dark' }];

// timed presses what a selector names, or gives a field of the filters a value, and says how long it took until the next
// frame was there.
const timed = (page, selector, value) => page.evaluate(async ([what, given]) => {
  const frame = () => new Promise((done) => { requestAnimationFrame(() => setTimeout(done)); });
  const element = document.querySelector(what);
  await frame();
  const start = performance.now();
  if (given === undefined) element.click();
  else {
    element.value = given;
    element.dispatchEvent(new Event('input', { bubbles: true }));
  }
  await frame();
  return performance.now() - start;
}, [selector, value]);

const state = (page) => page.evaluate(() => ({
  says: document.getElementById('shown').textContent,
  first: [...document.querySelectorAll('#rows [role=row]')].sort((a, b) => a.ariaRowIndex - b.ariaRowIndex)[0]?.querySelector('button')?.textContent ?? '',
  nodes: document.querySelectorAll('#rows [role=row]').length,
}));

const patience = 120_000; // a guard against hanging alone
const browser = await chromium.launch({ executablePath, timeout: patience, args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'] });
const result = { complaints: [], requests: [], axe: [], unfit: [], live: false, times: {}, steps: {} };
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, bypassCSP: false });
  page.setDefaultTimeout(patience);
  const listen = (m) => { if (m.type() !== 'info') result.complaints.push(m.text()); };
  page.on('console', listen);
  page.on('pageerror', (e) => result.complaints.push(String(e)));
  page.on('dialog', (d) => { result.live = true; return d.dismiss(); });
  page.on('request', (r) => { if (!r.url().startsWith('file:') && !r.url().startsWith('data:')) result.requests.push(r.url()); });
  const start = performance.now();
  await page.goto(`file://${resolve(file)}`);
  await page.waitForSelector('#rows [role=row]');
  result.times['load'] = performance.now() - start;

  await page.evaluate(axe);
  const judge = async (where, part) => {
    const { violations } = await page.evaluate((within) => globalThis.axe.run(within, { resultTypes: ['violations'] }), part);
    for (const v of violations) result.axe.push(`${where}: ${v.id}: ${v.nodes.slice(0, 3).map((n) => `${n.html.slice(0, 120)} (${n.failureSummary.slice(0, 200)})`).join('; ')}`);
  };
  const step = async (name, selector, value) => {
    result.times[name] = await timed(page, selector, value);
    result.steps[name] = await state(page);
  };
  await step('filter by text', '#filters [name=text]', 'customer-0999');
  await step('filter by text off', '#filters [name=text]', '');
  await step('filter by outcome', '#filters [name=outcome]', 'not-conformant');
  await step('filter by cause', '#filters [name=cause]', 'trust.chain missing_intermediate');
  await step('filter by label', '#filters [name=label]', 'region=apac');
  await step('reset', '#filters [type=reset]');
  await step('sort by outcome, turned', '[data-sort=outcome]');
  await step('sort by outcome', '[data-sort=outcome]');
  await step('sort by certificate', '[data-sort=ends]');
  await step('sort by name', '[data-sort=name]');
  await step('sort by name, turned', '[data-sort=name]');
  await step('filter by nothing that fits', '#filters [name=text]', 'no such customer');
  await timed(page, '#filters [type=reset]');
  await timed(page, '[data-sort=name]');
  await page.waitForFunction(() => document.getElementById('shown').textContent.startsWith('10000 of'));

  // By keyboard alone, to the end and back, and a report.
  await page.focus('#rows button[tabindex="0"]');
  await page.keyboard.press('End');
  result.end = await page.evaluate(() => document.activeElement.textContent);
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('PageDown');
  await page.keyboard.press('PageUp');
  await page.keyboard.press('ArrowDown');
  result.moved = await page.evaluate(() => document.activeElement.textContent);
  await page.keyboard.press('Enter');
  result.report = await page.evaluate(() => document.getElementById('report').innerText);
  result.address = page.url();
  await page.keyboard.press('Escape');
  result.back = await page.evaluate(() => document.activeElement.textContent);
  result.times['open a report'] = await timed(page, '#rows [aria-rowindex="2"] button');
  await page.evaluate(() => { for (const d of document.querySelectorAll('details')) d.open = true; });
  for (const at of looks) { // the report itself, with hostile words
    await page.setViewportSize({ width: at.width, height: 900 });
    await page.emulateMedia({ colorScheme: at.scheme });
    for (const wrong of await page.evaluate(unfit)) result.unfit.push(`report, ${at.width} px: ${wrong}`);
    if (pictures) await page.screenshot({ path: join(pictures, `report-${at.width}.png`) });
    await judge(`report, ${at.scheme}`, '#report');
  }
  await page.keyboard.press('Escape');
  await page.setViewportSize({ width: 1440, height: 900 });

  await timed(page, '#filters [name=text]', 'customer-09');
  await page.evaluate(() => { location.hash = '#report=customer-00003'; });
  await page.waitForSelector('dialog[open]');
  result.followed = await page.textContent('#of');
  await page.keyboard.press('Escape');

  // A link above the list, and the map.
  result.times['follow a link'] = await timed(page, '#causes ~ .box a');
  result.steps.link = await state(page);
  await timed(page, '#filters [type=reset]');
  await page.click('.strips canvas >> visible=true >> nth=0', { position: { x: 1, y: 5 } });
  result.map = await page.evaluate(() => ({ said: document.getElementById('pointed').textContent, focus: document.activeElement.textContent }));

  for (const at of looks) {
    await page.setViewportSize({ width: at.width, height: 900 });
    await page.emulateMedia({ colorScheme: at.scheme });
    await page.waitForTimeout(100);
    for (const wrong of await page.evaluate(unfit)) result.unfit.push(`${at.width} px: ${wrong}`);
    if (pictures) await page.screenshot({ path: join(pictures, `overview-${at.width}.png`), fullPage: true });
    await judge(at.scheme, 'html');
  }
  page.off('console', listen);
  result.policy = await page.evaluate(() => new Promise((done) => {
    addEventListener('securitypolicyviolation', (e) => done(e.effectiveDirective), { once: true });
    const script = document.createElement('script');
    script.textContent = 'globalThis.foreign = true';
    document.body.append(script);
    setTimeout(() => done('a foreign script ran'), 60_000);
  }));
  result.live ||= await page.evaluate(() => 'foreign' in globalThis);
} finally {
  await browser.close();
}
process.stdout.write(JSON.stringify(result));
