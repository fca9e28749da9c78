// Uses `halocheck serve` in headless Chromium and says in JSON what it saw. What that has to be is in
// suites/selfproof/serve_browser_test.go, which writes what is typed to standard input: the page's address and, for each fake, its admin
// listener and the fields.
// Usage: node serve.mjs CHROMIUM [PICTURES] < input.json
import { readFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { desk } from './desk.mjs';

const [executablePath, pictures] = process.argv.slice(2);
const input = JSON.parse(await text(process.stdin));
const { browser, result, open, look, fill, to: reach, headline } = await desk(executablePath, pictures, input.page);
const rows = async (page, all) => { // a page that is read anew just now has fewer for a moment
  await page.locator('.finding').nth(all - 1).waitFor({ state: 'attached' }).catch(() => {});
  let most = 0;
  for (let i = 0; i < 50 && most < all; i++) most = Math.max(most, await page.locator('.finding').count());
  return most;
};

// A line between the browser and the page that can be cut.
const lines = new Set();
const heads = [];
const cable = createServer((near) => {
  const far = connect(Number(new URL(input.page).port), '127.0.0.1');
  for (const end of [near, far]) {
    lines.add(end);
    end.on('error', () => {});
    end.on('close', () => { lines.delete(end); near.destroy(); far.destroy(); });
  }
  near.on('data', (data) => heads.push(data.toString('latin1')));
  near.pipe(far);
  far.pipe(near);
});
await new Promise((done) => { cable.listen(0, '127.0.0.1', done); });

const scenes = {
  // A watch that goes on beside the others.
  async watch() {
    const page = await open();
    const { fields, admin } = input.fakes.watched;
    await fill(page, fields);
    const before = await headline(page);
    await page.getByRole('button', { name: 'Watch until it works' }).click();
    await page.waitForSelector('text=Waiting for agent.enabled');
    const watching = await page.textContent('.doing');
    await fetch(`${admin}/faults`, { method: 'DELETE' });
    await page.waitForSelector('h1:has-text("The connection meets the guide")');
    await page.waitForSelector('.doing', { state: 'detached' });
    return { before, watching, lines: await page.locator('.lines li').allTextContents(), after: await headline(page) };
  },

  // From the form to green, with a second viewer and a line that breaks.
  async green() {
    const page = await open();
    let came;
    const comes = new Promise((done) => { came = done; });
    await page.exposeFunction('came', () => came(true));
    await page.addInitScript(() => addEventListener('DOMContentLoaded', () => { // a row that turns in the page that is there
      new MutationObserver(() => { if (document.querySelector('.finding.pass') && document.querySelector('.finding.waiting')) globalThis.came(); }).observe(document.body, { childList: true, subtree: true });
    }));
    await fill(page, input.fakes.slow.fields, `http://127.0.0.1:${cable.address().port}/`);
    const there = await rows(page, input.rows);
    await comes;
    heads.length = 0;
    for (const end of lines) end.destroy();
    const path = new URL(page.url()).pathname;
    const viewer = await open();
    await viewer.goto(new URL(path, input.page).href);
    if (pictures) await viewer.screenshot({ path: join(pictures, 'live.png'), fullPage: true });
    const first = await headline(page);
    const second = await headline(viewer);
    const resumed = heads.some((h) => /GET \/r\/\w+\/events[^]*Last-Event-ID: \d+/i.test(h));
    await page.goto(new URL(path, input.page).href);
    return { there, first, second, resumed, same: await page.textContent('main') === await viewer.textContent('main') };
  },

  // A broken chain: what waits is folded; then one row is asked again, and everything is handed on.
  async broken() {
    const page = await open();
    await fill(page, input.fakes.broken.fields);
    const first = await headline(page);
    const waits = await page.locator('#trust\\.chain details.waits li').count();
    await look(page, 'broken');
    await page.locator('#trust\\.chain').getByRole('button', { name: 'Ask again' }).click();
    await page.waitForSelector('.doing', { state: 'detached' });
    const again = await headline(page);
    await page.getByRole('link', { name: 'Hand over' }).click();
    await page.waitForSelector('#letter');
    await look(page, 'hand-over');
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download the bundle' }).click()]);
    const bundle = await readFile(await download.path());
    await page.getByRole('link', { name: 'Show it as a page to print' }).click();
    await page.waitForSelector('body.letter');
    const letter = await page.textContent('h1');
    await look(page, 'letter');
    await page.goto(`${input.page}saved`);
    await look(page, 'saved');
    const dropped = await page.evaluateHandle(async (bytes) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([new Uint8Array(bytes)], 'acme.zip', { type: 'application/zip' }));
      return transfer;
    }, [...bundle]);
    await Promise.all([page.waitForURL('**/r/*'), page.dispatchEvent('body', 'drop', { dataTransfer: dropped })]);
    return { first, waits, again, letter, file: download.suggestedFilename(), judged: await headline(page) };
  },

  // Without JavaScript.
  async plain() {
    const page = await open({ javaScriptEnabled: false });
    await fill(page, input.fakes.plain.fields);
    const live = await rows(page, input.rows);
    return { live, first: await headline(page), buttons: await page.getByRole('button', { name: 'Ask everything again' }).isVisible() };
  },

  // By keyboard alone: the mail, the form, the page, and back.
  async keyboard() {
    const page = await open();
    await page.goto(input.page);
    const to = (selector) => reach(page, selector);
    await to('.paste > summary');
    await page.keyboard.press('Enter');
    await to('#mail');
    await page.keyboard.insertText(input.mail);
    await to('.paste button');
    await Promise.all([page.waitForURL('**/?draft=*'), page.keyboard.press('Enter')]);
    await look(page, 'filled');
    const filled = await page.evaluate(() => ({ url: document.getElementById('f-url').value, id: document.getElementById('f-client-id').value, secret: document.getElementById('f-client-secret-file').value, html: document.documentElement.outerHTML }));
    await page.reload();
    await to('.more > summary');
    if (!await page.evaluate(() => document.querySelector('.more').open)) await page.keyboard.press('Enter');
    await to('[name=stable]');
    await page.keyboard.insertText('newest');
    await to('button.primary');
    await Promise.all([page.waitForURL('**/?draft=*'), page.waitForSelector('[role=alert]'), page.keyboard.press('Enter')]);
    await look(page, 'wrong');
    const alert = await page.textContent('[role=alert]');
    await page.goto(`${input.page}show`);
    await look(page, 'show');
    await to('#find');
    await page.keyboard.insertText('oldest protocol nobody has such words');
    const none = await page.locator('.faults li:visible').count();
    await page.locator('#find').fill('');
    await to('button[value=agent-disabled]');
    await Promise.all([page.waitForURL('**/r/*'), page.keyboard.press('Enter')]);
    const shown = await headline(page);
    await to('form[action$=mend] button');
    await page.keyboard.press('Enter');
    await page.waitForSelector('h1:has-text("The connection meets the guide")');
    return { filled, alert, none, shown };
  },
};

try {
  await Promise.all(Object.entries(scenes).map(async ([name, scene]) => { result.seen[name] = await scene(); }));
} finally {
  await browser.close();
  cable.close();
  for (const end of lines) end.destroy();
}
process.stdout.write(JSON.stringify(result));
