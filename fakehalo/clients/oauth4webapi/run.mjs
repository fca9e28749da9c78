// Logs in with oauth4webapi, unchanged, to the instance that standard input describes:
//   {"auth_url", "client_id", "client_secret"}
// and prints what it got as one JSON object. The library demands the exact issuer, a JSON answer of the right kind and,
// with an id_token, that its header, issuer, audience and times hold. Node.js trusts the instance through
// NODE_EXTRA_CA_CERTS.
import fs from 'node:fs';
import * as oauth from 'oauth4webapi';

const at = JSON.parse(fs.readFileSync(0, 'utf8'));
const issuer = new URL(at.auth_url.replace(/\/$/, ''));
const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer));
const client = { client_id: at.client_id };
const out = { issuer: server.issuer === issuer.href };

for (const [name, auth] of Object.entries({ post: oauth.ClientSecretPost, basic: oauth.ClientSecretBasic })) {
  const answer = await oauth.clientCredentialsGrantRequest(server, client, auth(at.client_secret), { scope: 'read:tickets' });
  const token = await oauth.processClientCredentialsResponse(server, client, answer);
  out[name] = [token.token_type, token.scope, token.expires_in];
  const again = await oauth.refreshTokenGrantRequest(server, client, auth(at.client_secret), token.refresh_token);
  const renewed = await oauth.processRefreshTokenResponse(server, client, again);
  await oauth.validateApplicationLevelSignature(server, again);
  const claims = oauth.getValidatedIdTokenClaims(renewed);
  out[name].push(claims.name, claims.aud === at.client_id);
}

const refused = await oauth.clientCredentialsGrantRequest(server, client, oauth.ClientSecretBasic('wrong'), {});
out.refused = await oauth.processClientCredentialsResponse(server, client, refused).catch((e) => [e.code, e.error ?? e.cause?.[0]?.scheme]);
console.log(JSON.stringify(out));
