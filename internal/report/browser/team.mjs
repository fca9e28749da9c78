// Uses the page of a team and its customer's page in headless Chromium and says in JSON what it saw. What that has to be is in
// suites/selfproof/team_browser_test.go, which writes to standard input: the page's address, that of one with a log-in, and a fake's
// admin listener and fields.
// Usage: node team.mjs CHROMIUM [PICTURES] < input.json
import { text } from 'node:stream/consumers';
import { desk } from './desk.mjs';

const [executablePath, pictures] = process.argv.slice(2);
const input = JSON.parse(await text(process.stdin));
const { browser, result, open, look, fill, to, headline } = await desk(executablePath, pictures, input.page);
const at = (path) => new URL(path, input.page).href;

// check checks the fake by two guides, which are chosen by the keyboard.
const check = async (page) => {
  await page.addInitScript(() => { // from the form that is sent to the first verdict on the screen
    addEventListener('submit', () => { if (!sessionStorage.shown) sessionStorage.sent = Date.now(); });
    new MutationObserver(() => {
      if (location.pathname.startsWith('/r/') && !sessionStorage.shown && document.querySelector('.finding:not(.waiting):not(.asking)')) sessionStorage.shown = Date.now();
    }).observe(document, { childList: true, subtree: true });
  });
  await page.goto(input.page);
  await to(page, '.guides > summary');
  await page.keyboard.press('Enter');
  await to(page, '.guides input[value=hudu]');
  await page.keyboard.press('Space');
  await to(page, 'button[formaction="/guide"]');
  await Promise.all([page.waitForURL('**/?draft=*'), page.keyboard.press('Enter')]);
  const boxes = await page.locator('.guides input:checked').count();
  await look(page, 'guides');
  await fill(page, input.fields, page.url());
  const first = await headline(page);
  const wait = await page.evaluate(() => sessionStorage.shown - sessionStorage.sent);
  await look(page, 'by-guides');
  return { boxes, first, wait, guides: await page.locator('section[aria-labelledby=guides] h3').allTextContents() };
};

try {
  const page = await open();
  const seen = result.seen;
  seen.check = await check(page);
  await page.goto(at('/customers'));
  await look(page, 'customers');
  await Promise.all([page.waitForURL('**/c/*'), page.locator('.recent a').first().click()]);
  const customer = new URL(page.url()).pathname;
  await to(page, '#share ~ form button');
  await Promise.all([page.waitForURL('**/links'), page.keyboard.press('Enter')]);
  const link = await page.locator('.hint a').getAttribute('href');
  await look(page, 'customer');

  // The customer's page, by keyboard: a step that is not done, then done; the page turns by itself.
  const theirs = await open();
  await theirs.goto(link);
  seen.steps = { integrations: await theirs.locator('main > section').last().locator('li').allTextContents(), before: await theirs.textContent('.hint') };
  await look(theirs, 'steps');
  await to(theirs, '.step button');
  await theirs.keyboard.press('Enter');
  await theirs.waitForSelector('.step >> text=It is not done yet');
  await look(theirs, 'step-not-done');
  const viewer = await open(); // another one with the link, who presses nothing
  await viewer.goto(link);
  await fetch(`${input.admin}/faults`, { method: 'DELETE' });
  await to(theirs, '.step button');
  await theirs.keyboard.press('Enter');
  await theirs.waitForSelector('.step.done');
  seen.steps.done = await theirs.textContent('.step.done p');
  await viewer.waitForSelector('.step.done');
  await look(theirs, 'step-done');
  await theirs.reload();
  seen.steps.after = await theirs.textContent('.hint');

  await fill(page, input.fields); // again, by one guide
  await headline(page);
  for (const [name, path] of [['changes', `${customer}/changes`], ['account', '/account'], ['audit', '/audit'], ['tokens', '/tokens'], ['runs', '/']]) {
    await page.goto(at(path));
    await look(page, name);
  }
  seen.changes = await page.goto(at(`${customer}/changes`)).then(() => page.locator('.changes').first().locator('li').allTextContents());
  await fill(page, { url: input.fields.url, 'ca-file': input.fields['ca-file'], aia: 'private' }); // what needs a log-in is not checked
  await headline(page);
  await look(page, 'not-checked');
  seen.notChecked = await page.locator('.finding .says', { hasText: 'Not checked' }).count();

  // Pages that say no.
  const refused = await open({}, true);
  await page.goto(at(customer));
  await page.getByRole('button', { name: 'Revoke all links' }).click();
  await page.waitForURL(`**${customer}`);
  seen.refused = {};
  for (const [name, address] of [['link-over', link], ['not-kept', at('/c/none')], ['no-page', at('/none')], ['log-in-refused', `${input.login}login/callback?state=x&code=x`]]) {
    await refused.goto(address);
    await look(refused, name);
    seen.refused[name] = await refused.textContent('[role=alert]');
  }
  await refused.evaluate((to) => { const f = document.createElement('form'); f.method = 'post'; f.action = to; document.body.append(f); f.submit(); }, `${input.login}logout`);
  await refused.waitForSelector('h1:has-text("You are logged out")');
  await look(refused, 'logged-out');
} finally {
  await browser.close();
}
process.stdout.write(JSON.stringify(result));
