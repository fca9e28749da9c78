// Opens every report of a folder in headless Chromium and says in JSON what it found wrong, and what the filters and the
// copy buttons did. What that has to be is in suites/selfproof/browser_test.go.
// Usage: node run.mjs CHROMIUM FOLDER [PICTURES]
import { readFile, readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { chromium } from 'playwright-core';
import { unfit } from './unfit.mjs';

const [executablePath, folder, pictures] = process.argv.slice(2);
const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const looks = [{ width: 1440, scheme: 'light' }, { width: 390, scheme: 'dark' }];

// thin takes away the rows that are like three before them: axe takes long for each, and one template makes them all.
const thin = () => {
  const seen = {};
  for (const e of document.querySelectorAll('.finding, .evidence details')) {
    const kind = e.className;
    seen[kind] = (seen[kind] ?? 0) + 1;
    if (seen[kind] > 3) e.remove();
  }
};

const shownIDs = (page) => page.$$eval('.finding:not([hidden])', (all) => all.map((f) => f.id));
const counted = (page) => page.textContent('#shown');

// filtered works the filters by keyboard alone.
const filtered = async (page) => {
  const steps = {};
  const note = async (step) => { steps[step] = { shown: await shownIDs(page), says: await counted(page) }; };
  const choose = async (name, value) => {
    await page.focus(`select[name=${name}]`);
    for (let i = 0; i < 20 && await page.inputValue(`select[name=${name}]`) !== value; i++) await page.keyboard.press('ArrowDown');
  };
  await page.focus('#filters input[value=pass]');
  await page.keyboard.press('Space');
  await note('without passes');
  await choose('area', 'role');
  await note('role alone');
  await choose('profile', 'alerts');
  await note('for alerts');
  await page.focus('button[type=reset]');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => !document.querySelector('.finding[hidden]'));
  steps.all = await counted(page);
  await choose('who', 'operator');
  await note('the operator acts');
  await page.focus('input[name=text]');
  await page.keyboard.type('Slash  auth-url');
  await note('words');
  await page.click('.path a >> nth=0');
  await page.waitForFunction(() => !document.querySelector('.finding[hidden]'));
  steps['a link to what is hidden'] = await counted(page);
  return steps;
};

// copied presses copy buttons, with the browser's clipboard and where the browser keeps it away.
const copied = async (page) => {
  const press = async (selector) => {
    await page.evaluate(() => navigator.clipboard.writeText('before'));
    await page.focus(selector);
    await page.keyboard.press('Enter');
    await page.waitForSelector(`${selector}:is(.done, .refused)`);
    return {
      text: await page.evaluate(() => navigator.clipboard.readText()), says: await page.textContent('#said'),
      focus: await page.evaluate((s) => document.activeElement === document.querySelector(s), selector),
      wanted: await page.getAttribute(selector, 'data-text'),
    };
  };
  const out = { clipboard: await press('.first .buttons .copy') };
  await page.evaluate(() => {
    const write = navigator.clipboard.writeText.bind(navigator.clipboard);
    navigator.clipboard.writeText = async (text) => { if (text !== 'before') throw new Error('refused'); return write(text); };
  });
  out.byHand = await press('.finding.fail .buttons .copy');
  await page.evaluate(() => { document.execCommand = () => false; });
  out.refused = await press('.duty .buttons .copy');
  return out;
};

const patience = 120_000; // a guard against hanging alone: how fast this machine is says nothing about a report
const browser = await chromium.launch({ executablePath, timeout: patience, args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'] });
const context = await browser.newContext();
context.setDefaultTimeout(patience);
await context.addInitScript((long) => { // what a button says for two seconds stays until it was read
  const later = globalThis.setTimeout;
  globalThis.setTimeout = (act, wait, ...rest) => later(act, wait === 2000 ? long : wait, ...rest);
}, patience);
await context.grantPermissions(['clipboard-read', 'clipboard-write']);
const results = {};
try {
  for (const file of (await readdir(folder)).filter((f) => f.endsWith('.html')).sort()) {
    const page = await context.newPage();
    const result = { complaints: [], requests: [], axe: [], unfit: [], live: false };
    const listen = (m) => { if (m.type() !== 'info') result.complaints.push(m.text()); };
    page.on('console', listen);
    page.on('pageerror', (e) => result.complaints.push(String(e)));
    page.on('dialog', (d) => { result.live = true; return d.dismiss(); });
    page.on('request', (r) => { if (!r.url().startsWith('file:') && !r.url().startsWith('data:')) result.requests.push(r.url()); });
    await page.goto(`file://${resolve(folder, file)}`);
    if (file === 'roles.html') {
      result.filters = await filtered(page);
      result.copies = await copied(page);
    }
    await page.click('#unfold');
    await page.evaluate(() => { for (const d of document.querySelectorAll('details')) d.open = true; });
    const look = async ({ width, scheme }) => {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme: scheme });
    };
    for (const at of looks) {
      await look(at);
      for (const wrong of await page.evaluate(unfit)) result.unfit.push(`${at.width} px: ${wrong}`);
      if (pictures) await page.screenshot({ path: join(pictures, `${file}-${at.width}-${at.scheme}.png`), fullPage: true });
    }
    await page.evaluate(thin);
    await page.evaluate(axe);
    for (const at of looks) {
      await look(at);
      const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
      for (const v of violations) result.axe.push(`${at.scheme}: ${v.id}: ${v.nodes.slice(0, 3).map((n) => `${n.html.slice(0, 120)} (${n.failureSummary.slice(0, 200)})`).join('; ')}`);
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
    await page.close();
    results[file] = result;
  }
} finally {
  await browser.close();
}
process.stdout.write(JSON.stringify(results));
