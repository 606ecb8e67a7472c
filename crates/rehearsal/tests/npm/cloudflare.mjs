// Drives Cloudflare's own client against whatever stands at API_URL, and prints
// what it saw as one JSON object.

import Cloudflare from 'cloudflare';

const { API_URL, API_TOKEN, ACCOUNT_ID: account_id, ZONE_ID: zone_id } = process.env;
const client = new Cloudflare({ apiToken: API_TOKEN, baseURL: API_URL, maxRetries: 0 });
const seen = {};

async function collect(pages, field) {
  const values = [];
  for await (const item of pages) values.push(item[field]);
  return values;
}

seen.token = (await client.user.tokens.verify()).status;
seen.zones = await collect(client.zones.list({ name: 'example.com' }), 'id');

// DNS records.
const records = client.dns.records;
seen.names = await collect(records.list({ zone_id, per_page: 50 }), 'name');
const [api] = (await records.list({ zone_id, name: { exact: 'api.example.com' }, type: 'CNAME' })).result;
seen.found = { content: api.content, ttl: api.ttl };
seen.patched = await records.edit(api.id, { zone_id, name: 'api.example.com', type: 'CNAME', ttl: 60, content: 'green.example.net' });
seen.made = await records.create({ zone_id, type: 'TXT', name: 'note.example.com', content: 'one', ttl: 1 });
seen.overwritten = await records.update(seen.made.id, { zone_id, type: 'TXT', name: 'note.example.com', content: 'two', ttl: 60 });
seen.batch = await records.batch({
  zone_id,
  deletes: [{ id: seen.made.id }],
  patches: [{ id: api.id, name: 'api.example.com', type: 'CNAME', ttl: 60, content: 'blue.example.net' }],
  posts: [{ type: 'CNAME', name: 'www.example.com', content: 'blue.example.net', ttl: 60, proxied: true }],
});
seen.gone = await records.get(seen.made.id, { zone_id }).catch((error) => [error.status, error.errors[0].code]);
seen.refused = await records
  .batch({
    zone_id,
    patches: [{ id: api.id, name: 'api.example.com', type: 'CNAME', ttl: 60, content: 'green.example.net' }],
    posts: [{ type: 'A', name: 'www.example.com', content: '192.0.2.1', ttl: 1 }],
  })
  .catch((error) => [error.status, error.errors[0].code]);
seen.afterRefusal = (await records.get(api.id, { zone_id })).content;

// KV.
const namespaces = client.kv.namespaces;
const namespace = await namespaces.create({ account_id, title: 'made-by-the-client' });
seen.namespace = namespace.id;
const place = { account_id, namespace_id: namespace.id };
seen.titles = await collect(namespaces.list({ account_id, per_page: 5, order: 'title' }), 'title');
await namespaces.values.update('a/b:c', { ...place, value: 'hello', metadata: '{"color":"blue"}' });
seen.value = await (await namespaces.values.get('a/b:c', place)).text();
seen.metadata = await namespaces.metadata.get('a/b:c', place);
seen.bulk = await namespaces.bulkUpdate(namespace.id, {
  account_id,
  body: Array.from({ length: 25 }, (_, n) => ({ key: `k${String(n).padStart(2, '0')}`, value: String(n) })),
});
seen.keys = await collect(namespaces.keys.list(namespace.id, { account_id, limit: 10, prefix: 'k' }), 'name');
seen.read = (await namespaces.bulkGet(namespace.id, { account_id, keys: ['k03', 'absent'] })).values;
await namespaces.values.delete('a/b:c', place);
seen.deleted = await namespaces.values
  .get('a/b:c', place)
  .catch((error) => [error.status, error.errors[0].code]);

// Pages and Workers.
const project = await client.pages.projects.edit('site', {
  account_id,
  deployment_configs: { production: { kv_namespaces: { PAGES: { namespace_id: namespace.id } } } },
});
seen.bound = project.deployment_configs.production.kv_namespaces.PAGES;
seen.bindings = (await client.workers.scripts.scriptAndVersionSettings.get('api', { account_id })).bindings;

console.log(JSON.stringify(seen));
