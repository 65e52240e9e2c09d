import { createServer } from 'node:http';
import { oneIn } from './load-accounts.ts';

// A SCIM service whose users are made from their index when they are asked for, so that a million of them take no time to set up and no memory.
// It runs as a process of its own: SCIM_USERS users, on SCIM_PORT.
const count = Number(process.env['SCIM_USERS']);
/** Number of users that are of nobody, which come last. */
const strays = Math.floor(count / oneIn);
const mostPerPage = 500;

/** Number of the user at an index from 0: 1 is left out, then one of each `oneIn`. */
const numberAt = (index: number): number => Math.floor(index / (oneIn - 1)) * oneIn + 2 + (index % (oneIn - 1));

const present = count - Math.ceil(count / oneIn);
const total = present + strays;

function userAt(index: number): object {
  const n = index < present ? numberAt(index) : count + 1 + index - present;
  return user(n);
}

function user(n: number): object {
  const isStray = n > count;
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    id: String(n),
    ...(isStray ? {} : { externalId: `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}` }),
    userName: isStray ? `stray${n}` : `user${n}`,
    active: true,
    displayName: isStray ? 'Stray' : n % oneIn === 2 ? 'Somebody else' : `Person ${n}`,
    emails: [{ value: `user${n}@example.com`, type: 'work', primary: true }],
    groups: [{ value: 'g1', display: 'reader' }, ...(n % 2 === 0 ? [{ value: 'g2', display: 'clerk' }] : [])],
    meta: { resourceType: 'User' },
  };
}

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const [, , , kind = '', id] = url.pathname.split('/');
  const send = (status: number, body: object): void => {
    response.writeHead(status, { 'content-type': 'application/scim+json' }).end(JSON.stringify(body));
  };
  const notThere = (): void => send(404, { schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: '404' });
  const list = (resources: readonly object[], all: number, start: number): void =>
    send(200, {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
      totalResults: all,
      startIndex: start,
      itemsPerPage: resources.length,
      Resources: resources,
    });
  if (request.method !== 'GET') return send(403, { schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: '403' });
  if (kind === 'ServiceProviderConfig') return send(200, { patch: { supported: true }, filter: { supported: true, maxResults: mostPerPage } });
  if (kind === 'Groups') return id === undefined ? list([], 0, 1) : notThere();
  if (kind !== 'Users') return notThere();
  if (id !== undefined) {
    const n = Number(id);
    return Number.isInteger(n) && n > 0 && n <= count + strays && (n > count || n % oneIn !== 1) ? send(200, user(n)) : notThere();
  }
  const filter = url.searchParams.get('filter');
  if (filter !== null) return list([], 0, 1);
  const start = Number(url.searchParams.get('startIndex') ?? 1);
  const length = Math.min(Number(url.searchParams.get('count') ?? 100), mostPerPage, total - start + 1);
  return list(
    Array.from({ length: Math.max(0, length) }, (_, index) => userAt(start - 1 + index)),
    total,
    start,
  );
});
server.listen(Number(process.env['SCIM_PORT']), '127.0.0.1', () => process.stdout.write('{"ready":true}\n'));
process.on('SIGTERM', () => process.exit(0));
