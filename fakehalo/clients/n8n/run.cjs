// Runs n8n's HaloPSA node, unchanged, against the instance that standard input describes:
//   {"url", "auth_url", "tenant", "client_id", "client_secret"}
// and prints what each operation gave as one JSON object; with the argument "tickets" it reads all tickets, and prints how that
// ended. What n8n's core would give the node (parameters, credentials,
// an HTTP helper) is given here; Node.js trusts the instance through NODE_EXTRA_CA_CERTS.
const fs = require('node:fs');
const { HaloPSA } = require('n8n-nodes-base/dist/nodes/HaloPSA/HaloPSA.node.js');

const at = JSON.parse(fs.readFileSync(0, 'utf8'));
const credentials = {
  hostingType: at.tenant === 'Not set' ? 'onPremise' : 'hostedHalo', authUrl: at.auth_url.replace(/\/$/, ''), appUrl: at.url, resourceApiUrl: at.url + '/api',
  tenant: at.tenant === 'Not set' ? undefined : at.tenant, // on-premise users have no such field
  client_id: at.client_id, client_secret: at.client_secret, scope: 'admin edit:tickets edit:customers',
};

// request is n8n-core's legacy helper as far as the node uses it; errors read "STATUS - BODY" as there.
async function request({ uri, method, headers, qs, form, body }) {
  const url = new URL(uri);
  for (const [name, value] of Object.entries(qs ?? {})) url.searchParams.set(name, value);
  const { Connection, ...plain } = headers;
  const payload = form ? new URLSearchParams(form) : body && JSON.stringify(body);
  const answer = await fetch(url, { method, headers: plain, body: payload });
  const text = await answer.text();
  if (!answer.ok) throw Object.assign(new Error(`${answer.status} - ${text}`), { statusCode: answer.status });
  return JSON.parse(text);
}

const node = new HaloPSA();
const host = (parameters) => ({
  getInputData: () => [{ json: {} }],
  getNodeParameter: (name, _item, fallback) => parameters[name] ?? fallback,
  getCredentials: async () => credentials,
  getNode: () => ({ name: 'HaloPSA', type: 'haloPSA', typeVersion: 1, parameters: {} }),
  continueOnFail: () => false,
  logger: { debug() {} },
  helpers: {
    request,
    returnJsonArray: (data) => [data].flat().map((json) => ({ json })),
    constructExecutionMetaData: (data) => data,
  },
});
const run = async (parameters) => (await node.execute.call(host(parameters)))[0].map((item) => item.json);

// The names that the node gives to what is the same for every resource.
const kinds = {
  client: { id: 'clientId', create: { clientName: 'Hooli' } },
  site: { id: 'siteId', create: { siteName: 'Annex', clientId: 2 } },
  ticket: { id: 'ticketId', create: { summary: 'From n8n', details: 'x', ticketType: '1' } },
  user: { id: 'userId', create: { userName: 'Gavin Belson', siteId: 1 } },
};

async function all() {
  const out = {};
  for (const [resource, kind] of Object.entries(kinds)) {
    const [created] = await run({ resource, operation: 'create', additionalFields: {}, ...kind.create });
    const one = { resource, simplify: false, [kind.id]: String(created.id) };
    const field = resource === 'ticket' ? 'summary' : 'name';
    const [updated] = await run({ ...one, operation: 'update', updateFields: { [field]: 'Renamed' } });
    const [got] = await run({ ...one, operation: 'get' });
    const everything = await run({ resource, operation: 'getAll', returnAll: true, simplify: true, filters: { activeStatus: 'all' } });
    const two = await run({ resource, operation: 'getAll', returnAll: false, limit: 2, simplify: false, filters: {} });
    const [deleted] = await run({ ...one, operation: 'delete' });
    const gone = await run({ ...one, operation: 'get' }).catch((e) => e.httpCode ?? String(e.message));
    out[resource] = {
      created: created[field], kept: updated.id === created.id, got: got[field], all: everything.length, two: two.length,
      deleted: deleted.success, gone: String(gone),
    };
  }
  const menus = host({});
  for (const [name, load] of Object.entries(node.methods.loadOptions)) out[name] = (await load.call(menus)).length;
  const test = await node.methods.credentialTest.haloPSAApiCredentialTest.call(menus, { data: credentials });
  out.credentialTest = test.status;
  return out;
}

async function tickets() {
  try {
    await run({ resource: 'ticket', operation: 'getAll', returnAll: true, simplify: true, filters: {} });
    return { class: 'done' };
  } catch (e) {
    return { class: 'error', message: String(e.description ?? e.message) };
  }
}

(process.argv[2] === 'tickets' ? tickets() : all()).then((out) => console.log(JSON.stringify(out)), (e) => { console.error(e); process.exitCode = 1; });
