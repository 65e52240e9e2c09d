import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listen, shut } from './listen.ts';
import { runAsProcess, secretFrom } from './run-as-process.ts';
import { ScimError } from './scim-error.ts';
import { createScimService, type Kind, type ScimService } from './scim-resources.ts';
import { groupSchema } from './scim-schema.ts';
import { openScimStore } from './scim-store.ts';
import { absent, type RunningTarget, type TargetState } from './target-state.ts';

/** Options of the SCIM application. */
export interface ScimServerOptions {
  /** 0: any that is free. */
  readonly port: number;
  /** Bearer token that clients have to show. */
  readonly token: string;
  /** File of its data, kept across restarts; in memory only unless given. */
  readonly dataFile?: string | undefined;
  /** Groups that have to be there from the start. */
  readonly groups?: readonly string[] | undefined;
  /** False: it supports no PATCH and states so in its ServiceProviderConfig. */
  readonly patch?: boolean | undefined;
}

/** The application, with operations that bypass its interface. */
export interface RunningScimServer extends RunningTarget {
  /** Service for its administrator. Each call is done at once: no request comes in between two consecutive ones. */
  readonly service: ScimService;
  /** Answers a request as it would over the network. */
  answer(request: ScimRequest): Promise<ScimAnswer>;
}

export interface ScimRequest {
  readonly method: string;
  /** Path with the query. */
  readonly path: string;
  readonly authorization: string | undefined;
  readonly ifMatch: string | undefined;
  /** Parsed body. */
  readonly body: () => Promise<unknown>;
}

export interface ScimAnswer {
  readonly status: number;
  readonly body: object | null;
}

const basePath = '/scim/v2';
const longestBody = 1024 * 1024;

/** Starts a SCIM 2.0 service provider, as an application out there would have one. It knows nothing of Tenure. */
export async function startScimServer({ port, token, dataFile, groups = ['Finance', 'Sales'], patch = true }: ScimServerOptions): Promise<RunningScimServer> {
  const store = openScimStore(dataFile ?? null);
  let url = '';
  const service = createScimService(store, () => url);
  const names = new Set([...store.Groups.values()].map((group) => group['displayName']));
  for (const displayName of groups) if (!names.has(displayName)) service.create('Groups', { schemas: [groupSchema], displayName });

  const answerOrRefuse = (request: ScimRequest): Promise<ScimAnswer> =>
    answer(request, service, token, patch).catch((error: unknown) => {
      const known = error instanceof ScimError ? error : new ScimError(500, 'internal error');
      if (known !== error) console.error(error);
      return { status: known.status, body: known.toBody() };
    });
  const server = createServer((request, response) => {
    const { method = 'GET', url: path = '/', headers } = request;
    const asked = { method, path, authorization: headers.authorization, ifMatch: headers['if-match'], body: () => bodyOf(request) };
    void answerOrRefuse(asked).then(({ status, body }) => send(response, status, body));
  });
  url = `http://127.0.0.1:${await listen(server, port)}${basePath}`;
  return { url, service, answer: answerOrRefuse, look: (userName) => lookIntoScim({ url, token }, userName), stop: () => shut(server) };
}

/** Looks up an account over the server's own interface, with nothing of Tenure in between. */
export async function lookIntoScim({ url, token }: { readonly url: string; readonly token: string }, userName: string): Promise<TargetState> {
  const query = new URLSearchParams({ filter: `userName eq ${JSON.stringify(userName)}` });
  const response = await fetch(`${url}/Users?${query}`, { headers: { authorization: `Bearer ${token}` } });
  if (!response.ok) throw new Error(`the SCIM server answered HTTP ${response.status}`);
  const { Resources } = (await response.json()) as { Resources: { active: boolean; groups?: { display: string }[] }[] };
  const [user] = Resources;
  if (!user) return absent;
  return { exists: true, enabled: user.active, groups: (user.groups ?? []).map(({ display }) => display).sort() };
}

async function answer(request: ScimRequest, service: ScimService, token: string, patch: boolean): Promise<ScimAnswer> {
  if (!isToken(request.authorization, token)) throw new ScimError(401, 'a valid bearer token is required');
  const { pathname, searchParams } = new URL(request.path, 'http://localhost');
  if (!pathname.startsWith(`${basePath}/`)) throw new ScimError(404, 'no such endpoint');
  const [kind, encoded, ...more] = pathname.slice(basePath.length + 1).split('/');
  if (kind === 'ServiceProviderConfig' && encoded === undefined && request.method === 'GET') return { status: 200, body: configuration(patch) };
  if ((kind !== 'Users' && kind !== 'Groups') || more.length > 0) throw new ScimError(404, 'no such endpoint');
  if (encoded === undefined) return answerCollection(request, service, kind, searchParams);
  return answerResource(request, service, kind, decodeURIComponent(encoded), patch);
}

async function answerCollection(request: ScimRequest, service: ScimService, kind: Kind, query: URLSearchParams): Promise<ScimAnswer> {
  if (request.method === 'GET') return { status: 200, body: service.list(kind, query) };
  if (request.method === 'POST') return { status: 201, body: service.create(kind, await request.body()) };
  throw new ScimError(405, 'method not allowed');
}

async function answerResource(request: ScimRequest, service: ScimService, kind: Kind, id: string, patch: boolean): Promise<ScimAnswer> {
  const { ifMatch } = request;
  switch (request.method) {
    case 'GET':
      return { status: 200, body: service.read(kind, id) };
    case 'PUT':
      return { status: 200, body: service.replace(kind, id, await request.body(), ifMatch) };
    case 'PATCH':
      if (!patch) throw new ScimError(501, 'PATCH is not supported');
      return { status: 200, body: service.patch(kind, id, await request.body(), ifMatch) };
    case 'DELETE':
      service.remove(kind, id);
      return { status: 204, body: null };
    default:
      throw new ScimError(405, 'method not allowed');
  }
}

function send(response: ServerResponse, status: number, body: object | null): void {
  const challenge = status === 401 ? { 'www-authenticate': 'Bearer' } : {};
  response.writeHead(status, { ...(body ? { 'content-type': 'application/scim+json' } : {}), ...challenge });
  response.end(body ? JSON.stringify(body) : undefined);
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > longestBody) throw new ScimError(413, 'the body is too long');
    parts.push(part);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'));
  } catch {
    throw new ScimError(400, 'the body is not JSON', 'invalidSyntax');
  }
}

function isToken(header: string | undefined, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(header ?? ''), digest(`Bearer ${token}`));
}

function configuration(patch: boolean): object {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
    patch: { supported: patch },
    bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
    filter: { supported: true, maxResults: 200 },
    changePassword: { supported: false },
    sort: { supported: false },
    etag: { supported: true },
    authenticationSchemes: [{ type: 'oauthbearertoken', name: 'Bearer token', description: 'A token in the Authorization header' }],
  };
}

if (import.meta.main) await runAsProcess(({ port, data }) => startScimServer({ port, token: secretFrom('SCIM_TOKEN'), dataFile: data ?? undefined }));
