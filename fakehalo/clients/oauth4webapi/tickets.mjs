// Reads all tickets with oauth4webapi, unchanged, from the instance that standard input describes:
//   {"url", "auth_url", "tenant", "client_id", "client_secret"}
// and prints how that ended, for `halocheck fake --contract`. Logging in, renewing and every request are the library's; the
// pages are counted here.
import fs from 'node:fs';
import * as oauth from 'oauth4webapi';

const at = JSON.parse(fs.readFileSync(0, 'utf8'));
const issuer = new URL(at.auth_url.replace(/\/$/, ''));
const client = { client_id: at.client_id };

async function logIn() {
  const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer));
  const parameters = { scope: 'read:tickets' };
  if (at.tenant !== 'Not set') parameters.tenant = at.tenant;
  const answer = await oauth.clientCredentialsGrantRequest(server, client, oauth.ClientSecretPost(at.client_secret), parameters);
  return (await oauth.processClientCredentialsResponse(server, client, answer)).access_token;
}

async function tickets() {
  const token = await logIn();
  for (let page = 1, read = 0, of = 1; read < of; page++) {
    const url = new URL(`${at.url}/api/Tickets?pageinate=true&page_size=100&page_no=${page}`);
    const answer = await oauth.protectedResourceRequest(token, 'GET', url);
    if (answer.status === 403) return { class: 'permission', message: '403' };
    if (answer.status === 429 || answer.status >= 500) return { class: 'transient', message: String(answer.status) };
    if (!answer.ok) return { class: 'configuration', message: String(answer.status) };
    const list = await answer.json();
    if (list.tickets.length === 0) break;
    [read, of] = [read + list.tickets.length, list.record_count];
  }
  return { class: 'done' };
}

const out = await tickets().catch((e) => ({ class: e.error || e.code === 'OAUTH_WWW_AUTHENTICATE_CHALLENGE' ? 'configuration' : 'error', message: String(e.message) }));
console.log(JSON.stringify(out));
