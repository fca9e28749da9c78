// Uses a team's page behind a log-in, and the pages of those who have a link, in headless Chromium and says in JSON what it saw. What
// that has to be is in internal/team/browser_test.go, which writes to standard input: the page's address, the form's fields, and an
// address at which the test is told who logs in next, what is wrong with the fake, and that days go by.
// Usage: node team.mjs CHROMIUM [PICTURES] < input.json
import { text } from 'node:stream/consumers';
import { desk } from './desk.mjs';

const [executablePath, pictures] = process.argv.slice(2);
const input = JSON.parse(await text(process.stdin));
const { browser, result, open, look, fill, to, tabs, headline } = await desk(executablePath, pictures, input.page);
const at = (path) => new URL(path, input.page).href;
const control = (path) => fetch(`${input.control}${path}`, { method: 'POST' });
const seen = result.seen;

// What another program or page here judges is looked at by people alone.
const picture = pictures ? look : () => {};

// enter opens a page as somebody of a group, in a browser of their own.
const enter = async (name, group, path, refused) => {
  const page = await open({}, refused);
  await control(`/who?name=${name}&group=${group}`);
  await page.goto(at(path));
  return page;
};
// press presses what has a selector by the keyboard, and waits for where it leads.
const press = async (page, selector, url) => {
  await to(page, selector);
  await Promise.all([url ? page.waitForURL(url) : null, page.keyboard.press('Enter')]);
};

try {
  // An engineer fills in the form by keyboard, to a broken chain.
  const page = await enter('kim', 'support', '/customers');
  seen.empty = await page.textContent('main > p');
  await look(page, 'customers-empty');
  await press(page, 'nav a[href="/"]', at('/'));
  for (const [name, value] of Object.entries(input.broken)) {
    if (await page.locator(`[name="${name}"]`).evaluate((e) => !e.checkVisibility())) await press(page, '.more > summary');
    await to(page, `[name="${name}"]`);
    if (await page.evaluate(() => document.activeElement.tagName === 'SELECT')) await page.keyboard.type(value);
    else await page.keyboard.insertText(value);
  }
  await picture(page, 'form');
  await press(page, '#f-url', '**/r/*');
  seen.broken = await headline(page);
  await picture(page, 'run');

  // By mouse, another instance with something to do for its customer. The customer's page, and two links, made by keyboard: one to this check, one to the latest.
  await fill(page, input.fields);
  await headline(page);
  await press(page, 'nav a[href="/customers"]', '**/customers');
  await look(page, 'customers');
  await tabs(page, 'customers');
  await page.goto(at(`/customers?q=${encodeURIComponent(input.fields.url)}`));
  await press(page, '.recent a', '**/c/*');
  const customer = page.url();
  await picture(page, 'customer');
  const link = async (option) => {
    await page.locator('#of').selectOption({ index: option });
    await press(page, '[aria-labelledby=share] form button', '**/links');
    return page.locator('.hint a').getAttribute('href');
  };
  const [latest, one] = [await link(0), await link(1)];
  await picture(page, 'links');
  await tabs(page, 'links');

  // The customers, with a link alone: a step is not done, then it is, and turns green; whoever looks on sees everything turn.
  const [theirs, viewer] = [await open({}, true), await open({}, true)];
  await theirs.goto(one);
  await viewer.goto(latest);
  seen.before = await theirs.textContent('.hint');
  await look(theirs, 'steps');
  await tabs(theirs, 'steps');
  await press(theirs, '#step-1 button');
  await theirs.waitForSelector('.step >> text=It is not done yet');
  await picture(theirs, 'step-not-done');
  await control('/mend');
  await press(theirs, '#step-1 button');
  await theirs.waitForSelector('.step.done');
  seen.done = await theirs.textContent('.step.done p');
  await look(theirs, 'step-done');
  seen.all = await viewer.waitForSelector('text=We found nothing wrong so far').then(() => viewer.locator('.step').count());
  await look(viewer, 'all-done');

  // Form to green; then what changed and what was before.
  await fill(page, { ...input.fields, attest: 'network.allowlist=The customer showed us the firewall' });
  seen.green = await headline(page);
  await page.goto(customer);
  seen.changed = await page.textContent('#changed');
  seen.past = await page.locator('.past > span:not(.unseen)').count();
  await look(page, 'customer-later');
  await page.goto(`${customer}/changes`);
  await look(page, 'changes');

  // Links end by themselves, and when they are revoked.
  seen.over = {};
  await control('/days?n=15');
  await theirs.goto(one);
  seen.over.expired = await theirs.textContent('[role=alert]');
  await look(theirs, 'link-over');
  await control('/days?n=-15');
  await theirs.goto(one);
  await theirs.waitForSelector('.step');
  await page.goto(customer);
  await page.getByRole('button', { name: 'Revoke all links' }).click();
  await page.waitForSelector('text=Links that work', { state: 'detached' });
  for (const [name, address] of [['one', one], ['latest', latest]]) {
    await theirs.goto(address);
    seen.over[name] = await theirs.textContent('[role=alert]');
  }

  // What an admin and a viewer have, and pages that say no.
  const admin = await enter('ada', 'it', '/tokens', true);
  await to(admin, '#name');
  await admin.keyboard.insertText('ticket button');
  await press(admin, '#days');
  await admin.waitForSelector('[role=alert]');
  await look(admin, 'token-refused');
  await to(admin, '[name=scope]');
  await admin.keyboard.press('Space');
  await press(admin, 'form.box button.primary');
  seen.token = await admin.textContent('.hint code');
  await look(admin, 'tokens');
  await tabs(admin, 'tokens');
  for (const [name, path] of [['account', '/account'], ['audit', '/audit'], ['customer-admin', customer], ['no-page', '/none'], ['not-kept', '/r/none']]) {
    await admin.goto(at(path));
    await look(admin, name);
  }
  const reader = await enter('vi', 'desk', new URL(customer).pathname, true);
  seen.reader = await reader.locator('main form').count();
  await look(reader, 'customer-viewer');
  await reader.goto(at('/'));
  seen.home = new URL(reader.url()).pathname;
  await reader.goto(at('/audit'));
  seen.refused = await reader.textContent('[role=alert]');
  await look(reader, 'refused');
  await reader.goto(at('/account'));
  await press(reader, 'form[action="/logout"] button', '**/logout');
  await look(reader, 'logged-out');
  const nobody = await enter('mallory', 'others', '/customers', true);
  seen.nobody = await nobody.textContent('[role=alert]');
  await look(nobody, 'not-a-member');
} finally {
  await browser.close();
}
process.stdout.write(JSON.stringify(result));
