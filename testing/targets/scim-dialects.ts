import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { listen, shut } from './listen.ts';
import { ScimError } from './scim-error.ts';
import type { RunningScimServer } from './scim-server.ts';

type Json = Record<string, unknown>;

/** Deviations of a service provider from RFC 7643 and 7644. Each is known from real ones; several can be combined. */
export interface ScimDialect {
  /** `members` of groups: an empty list, left out, or left out unless `attributes` names them. */
  readonly members?: 'empty' | 'absent' | 'if-asked';
  /** Maximum number of members of a group that are shown, without any sign of more. */
  readonly mostMembers?: number;
  /** `groups` of users: an empty list, or left out. */
  readonly groups?: 'empty' | 'absent';
  /** Maximum number of groups of a user that are listed, without any sign of more. */
  readonly mostGroups?: number;
  /** Filters over groups: not known (400), a failure (500), passed over, so that all groups are answered, or answered with nothing. */
  readonly groupFilters?: 'refused' | 'failing' | 'ignored' | 'nothing';
  /** Filters over groups to which `groupFilters` applies; all, unless given. */
  readonly groupFiltersBy?: 'members' | 'displayName' | 'both-conditions';
  /** Maximum number of resources on a page, whatever `count` is. */
  readonly mostPerPage?: number;
  /** Always the first page. */
  readonly startIndex?: 'ignored';
  /** Users are listed by cursor (RFC 9865), and not by index. `expiring`: each cursor is valid for one request. */
  readonly paging?: 'cursor' | 'expiring';
  /** Users whom whole listings leave out, and do not count; anybody who asks for one alone finds them. */
  readonly unlisted?: (userName: string) => boolean;
  /** Users whom whole listings show in place of the present ones: as they once were. */
  readonly oldUsers?: readonly object[];
  /** E-mail addresses are kept in lower case. */
  readonly emails?: 'lower-cased';
  /** `active` is left out of answers. */
  readonly active?: 'absent';
  /** PATCH: not there at all; members in a path with a filter are refused, or accepted without effect; `active` only without a path. */
  readonly patch?: 'none' | 'no-member-filter' | 'member-filter-without-effect' | 'no-path';
  /**
   * Version that a change has to state. It is shown by `meta.version`, by the header ETag, or as a weak one of which the strong form is accepted.
   * `none`: there are no versions.
   */
  readonly version?: 'meta' | 'header' | 'weakened' | 'none';
  /** Status of the answer to a change without a version. */
  readonly versionMissing?: 428 | 412;
  /** The token may not see groups: 403. */
  readonly rights?: 'users-only';
  /** Milliseconds that each answer takes. */
  readonly latency?: number;
  /** Change by another client once a request is carried out, before it is answered. */
  readonly meanwhile?: (method: string, path: string) => Promise<void>;
  /** An attribute of users that is refused. */
  readonly refuses?: { readonly attribute: string; readonly status: number; readonly scimType?: string; readonly detail: string };
}

/** A request that was to change something. */
export interface SeenChange {
  readonly method: string;
  /** Path with the query. */
  readonly path: string;
  /** `undefined`: there was none. */
  readonly body: unknown;
}

/** A service provider of some dialect, in front of one that keeps to the RFCs. */
export interface DialectServer {
  readonly url: string;
  /** Sets another dialect from now on; everything that it leaves out is as in the RFCs. */
  speak(dialect: ScimDialect): void;
  /** Method and path of all requests, with the query as it was sent. */
  readonly seen: readonly string[];
  /** All requests that were to change something, whether or not they did, in the order in which they came. */
  readonly changes: readonly SeenChange[];
  stop(): Promise<void>;
}

/** @param target the server behind it */
export async function startDialectServer(target: Pick<RunningScimServer, 'url' | 'answer'>, first: ScimDialect = {}): Promise<DialectServer> {
  const { pathname } = new URL(target.url);
  const seen: string[] = [];
  const changes: SeenChange[] = [];
  let dialect = first;
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    const speaking = dialect;
    const tell = (body: unknown): void => {
      const { method = 'GET', url: path = '/' } = request;
      if (method !== 'GET') changes.push({ method, path, body });
    };
    answer(request, { target, base: pathname, tell }, speaking).then(
      async ({ status, headers, body }) => {
        await speaking.meanwhile?.(request.method ?? '', request.url ?? '');
        if (speaking.latency !== undefined) await wait(speaking.latency);
        send(response, status, headers, body);
      },
      (error: unknown) => {
        const known = error instanceof ScimError ? error : new ScimError(500, 'internal error');
        send(response, known.status, {}, known.toBody());
      },
    );
  });
  const port = await listen(server, 0);
  return {
    url: `http://127.0.0.1:${port}${pathname}`,
    speak(next) {
      dialect = next;
    },
    seen,
    changes,
    stop: () => shut(server),
  };
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

function send(response: ServerResponse, status: number, headers: Answer['headers'], body: unknown): void {
  response.writeHead(status, { ...(body === null ? {} : { 'content-type': 'application/scim+json' }), ...headers });
  response.end(body === null ? undefined : JSON.stringify(body));
}

interface Asked {
  readonly target: Pick<RunningScimServer, 'answer'>;
  readonly base: string;
  /** Called with the request's body. */
  readonly tell: (body: unknown) => void;
}

async function answer(request: IncomingMessage, { target, base, tell }: Asked, dialect: ScimDialect): Promise<Answer> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const [kind = '', id] = url.pathname.slice(base.length + 1).split('/');
  if (kind === 'Groups' && dialect.rights === 'users-only') throw new ScimError(403, 'not allowed');
  const body = await bodyOf(request);
  tell(body);
  const method = request.method ?? 'GET';
  const asked = url.searchParams.get('attributes')?.split(',') ?? [];
  url.searchParams.delete('attributes');
  if (kind === 'Groups' && id === undefined && method === 'GET') {
    const early = filtered(url, dialect);
    if (early !== null) return early;
  }
  if (dialect.paging !== undefined && method === 'GET' && kind === 'ServiceProviderConfig') return announcing(await target.answer(asPassed(request, url)));
  const isListed = kind === 'Users' && id === undefined && method === 'GET' && !url.searchParams.has('filter');
  if (isListed && (dialect.unlisted ?? dialect.oldUsers ?? dialect.paging) !== undefined) {
    const ask = (to: URL): Promise<Passed> => target.answer(asPassed(request, to));
    const lie = dialect.unlisted === undefined && dialect.oldUsers === undefined ? ask : (to: URL): Promise<Passed> => listLying(to, dialect, ask);
    if (dialect.paging !== undefined) return byCursor(url, dialect, lie, asked);
    paged(url, dialect);
    return shown(await lie(url), 'Users', asked, dialect);
  }
  paged(url, dialect);
  const refused = refusal(method, kind, body, dialect);
  if (refused === 'without-effect') return { status: 204, headers: {}, body: null };
  const ask = (askedFor: string, sent: unknown, ifMatch?: string): Promise<Passed> =>
    target.answer({ method: askedFor, path: url.pathname + url.search, authorization: request.headers.authorization, ifMatch, body: async () => sent });
  const pass = (ifMatch?: string): Promise<Passed> => ask(method, lowered(body, dialect), ifMatch);
  if (id === undefined || method === 'GET' || dialect.version === undefined || dialect.version === 'none') return shown(await pass(), kind, asked, dialect);
  const current = await ask('GET', undefined);
  const version = (current.body as { meta?: { version?: string } } | null)?.meta?.version ?? '';
  const ifMatch = request.headers['if-match'];
  const taken = dialect.version === 'weakened' ? version.replace(/^W\//, '') : version;
  if (ifMatch === undefined) throw new ScimError(dialect.versionMissing ?? 428, 'a version is required');
  if (ifMatch !== taken) throw new ScimError(412, 'the resource has changed');
  return shown(await pass(version), kind, asked, dialect);
}

/** @returns an answer that needs no server, or `null` */
function filtered(url: URL, { groupFilters, groupFiltersBy }: ScimDialect): Answer | null {
  const filter = url.searchParams.get('filter');
  if (filter === null || groupFilters === undefined) return null;
  const isBoth = filter.includes('id eq') && filter.includes('members.value');
  const isMeant = { members: filter.includes('members.value'), displayName: filter.includes('displayName'), 'both-conditions': isBoth };
  if (groupFiltersBy !== undefined && !isMeant[groupFiltersBy]) return null;
  if (groupFilters === 'failing') throw new ScimError(500, 'internal error');
  if (groupFilters === 'refused') throw new ScimError(400, 'the filter is not supported', 'invalidFilter');
  if (groupFilters === 'nothing')
    return { status: 200, headers: {}, body: { schemas: [listSchema], totalResults: 0, startIndex: 1, itemsPerPage: 0, Resources: [] } };
  url.searchParams.delete('filter');
  return null;
}

function paged(url: URL, { mostPerPage, startIndex }: ScimDialect): void {
  if (startIndex === 'ignored') url.searchParams.delete('startIndex');
  if (mostPerPage !== undefined) url.searchParams.set('count', String(Math.min(mostPerPage, Number(url.searchParams.get('count') ?? mostPerPage))));
}

function asPassed({ headers }: IncomingMessage, { pathname, search }: URL): Parameters<RunningScimServer['answer']>[0] {
  return { method: 'GET', path: pathname + search, authorization: headers.authorization, ifMatch: undefined, body: async () => undefined };
}

/** A page by index of a listing that leaves users out, or shows old ones. */
async function listLying(url: URL, { unlisted, oldUsers }: ScimDialect, ask: (url: URL) => Promise<Passed>): Promise<Passed> {
  const [start, count] = [Number(url.searchParams.get('startIndex') ?? 1), Number(url.searchParams.get('count') ?? 100)];
  const all: Json[] = [];
  for (let from = 1; ; ) {
    url.searchParams.set('startIndex', String(from));
    url.searchParams.set('count', '200');
    const { status, body } = await ask(url);
    if (status >= 400 || !isObject(body)) return { status, body };
    const some = body['Resources'] as Json[];
    all.push(...some);
    from += some.length;
    if (some.length === 0 || from > Number(body['totalResults'])) break;
  }
  const left = (oldUsers === undefined ? all : [...oldUsers].filter(isObject)).filter((user) => unlisted?.(String(user['userName'])) !== true);
  const Resources = left.slice(start - 1, start - 1 + count);
  return { status: 200, body: { schemas: [listSchema], totalResults: left.length, startIndex: start, itemsPerPage: Resources.length, Resources } };
}

function announcing({ status, body }: Passed): Answer {
  return { status, headers: {}, body: { ...(body as Json), pagination: { cursor: true, index: false } } };
}

const spent = new Set<string>();

/** Pages by cursor. Cursors are positions, in a form that nobody can guess. */
async function byCursor(url: URL, dialect: ScimDialect, ask: (url: URL) => Promise<Passed>, asked: readonly string[]): Promise<Answer> {
  const cursor = url.searchParams.get('cursor');
  if (cursor === null) throw new ScimError(400, 'only cursors are supported', 'invalidValue');
  const start = cursor === '' ? 1 : Number(Buffer.from(cursor, 'base64url').toString().split('/')[0]);
  if (!Number.isInteger(start)) throw new ScimError(400, 'no such cursor', 'invalidCursor');
  if (spent.has(cursor)) throw new ScimError(400, 'the cursor has expired', 'expiredCursor');
  if (dialect.paging === 'expiring' && cursor !== '') spent.add(cursor);
  url.searchParams.delete('cursor');
  url.searchParams.set('startIndex', String(start));
  paged(url, dialect);
  const { status, headers, body } = shown(await ask(url), 'Users', asked, dialect);
  if (status >= 400 || !isObject(body)) return { status, headers, body };
  const { startIndex: _none, totalResults, ...list } = body;
  const next = start + (body['Resources'] as readonly unknown[]).length;
  const nextCursor = next > Number(totalResults) ? {} : { nextCursor: Buffer.from(`${next}/${Math.random()}`).toString('base64url') };
  return { status, headers, body: { ...list, totalResults, ...nextCursor } };
}

function refusal(method: string, kind: string, body: unknown, { patch, refuses }: ScimDialect): 'without-effect' | null {
  if (method === 'PATCH' && patch === 'none') throw new ScimError(501, 'PATCH is not supported');
  const text = JSON.stringify(body ?? {});
  if (refuses && kind === 'Users' && text.includes(`"${refuses.attribute}"`)) throw new ScimError(refuses.status, refuses.detail, refuses.scimType ?? null);
  if (method !== 'PATCH') return null;
  if (patch === 'no-path' && text.includes('"path"')) throw new ScimError(400, 'a path is not supported', 'invalidPath');
  if (!text.includes('members[')) return null;
  if (patch === 'no-member-filter') throw new ScimError(400, 'a filter in a path is not supported', 'invalidPath');
  return patch === 'member-filter-without-effect' ? 'without-effect' : null;
}

function lowered(body: unknown, { emails }: ScimDialect): unknown {
  if (emails !== 'lower-cased') return body;
  const text = JSON.stringify(body ?? null).replace(/"[^"@\s]+@[^"\s]+"/g, (address) => address.toLowerCase());
  return text === 'null' ? body : JSON.parse(text);
}

interface Passed {
  readonly status: number;
  readonly body: unknown;
}

const listSchema = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';

function shown({ status, body }: Passed, kind: string, asked: readonly string[], dialect: ScimDialect): Answer {
  if (status >= 400 || !isObject(body)) return { status, headers: {}, body };
  if (!Array.isArray(body['Resources'])) {
    const version = (body['meta'] as { version?: string } | undefined)?.version;
    const headers: Record<string, string> = version !== undefined && (dialect.version === 'header' || dialect.version === 'weakened') ? { etag: version } : {};
    return { status, headers, body: resourceShown(body, kind, asked, dialect) };
  }
  const { startIndex, ...list } = body;
  const Resources = body['Resources'].map((item) => (isObject(item) ? resourceShown(item, kind, asked, dialect) : item));
  return { status, headers: {}, body: { ...list, ...(dialect.startIndex === 'ignored' ? {} : { startIndex }), Resources } };
}

function resourceShown(resource: Json, kind: string, asked: readonly string[], dialect: ScimDialect): Json {
  const copy: Json = { ...resource };
  if (dialect.version !== undefined && dialect.version !== 'meta') copy['meta'] = { ...(copy['meta'] as object), version: undefined };
  if (kind === 'Groups') {
    if (dialect.mostMembers !== undefined && Array.isArray(copy['members'])) copy['members'] = copy['members'].slice(0, dialect.mostMembers);
    if (dialect.members === 'empty') copy['members'] = [];
    if (dialect.members === 'absent' || (dialect.members === 'if-asked' && !asked.includes('members'))) delete copy['members'];
  }
  if (kind === 'Users') {
    if (dialect.mostGroups !== undefined && Array.isArray(copy['groups'])) copy['groups'] = copy['groups'].slice(0, dialect.mostGroups);
    if (dialect.groups === 'empty') copy['groups'] = [];
    if (dialect.groups === 'absent') delete copy['groups'];
    if (dialect.active === 'absent') delete copy['active'];
  }
  return copy;
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
  const text = Buffer.concat(parts).toString('utf8');
  return text === '' ? undefined : JSON.parse(text);
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
