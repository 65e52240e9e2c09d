import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CookieJar } from '@tenure/testing/cookie-jar.ts';
import { freePort } from '@tenure/testing/free-port.ts';
import * as client from 'openid-client';
import { createTestApi, later, type TestApi } from '../../../test/api.ts';

/** Tenure with its OpenID provider, reached by HTTP, and applications that use it. */
export interface OpenidTest {
  readonly api: TestApi;
  readonly url: string;
  readonly issuer: string;
  /** Private key of the application `bank`. */
  readonly bankKey: CryptoKey;
  /** Milliseconds by which Tenure's clock is ahead. */
  ahead: number;
  /** A person of a department with a browser of their own. */
  person(department: string): Promise<Somebody>;
  /** Discovered configuration of an application for openid-client. */
  client(application: string): Promise<client.Configuration>;
  stop(): Promise<void>;
}

/** A person with a browser. */
export interface Somebody {
  readonly id: string;
  readonly email: string;
  /** Record of the source, to change it. */
  readonly externalId: string;
  readonly facts: Readonly<Record<string, string>>;
  /** Cookies of the browser. */
  readonly jar: CookieJar;
  /** Follows redirects within Tenure. Where Tenure sends the person to the login page, they log in as `logsIn` says. */
  visit(url: string, options?: VisitOptions): Promise<Visited>;
  /** Opens a new session, as a login at the source does. */
  logIn(facts?: LoginFacts): Promise<void>;
}

export interface LoginFacts {
  /** Instant; `null`: the source states none. */
  readonly authenticatedAt?: string | null;
  readonly acr?: string;
  /** The source refuses: the login comes back with this error. */
  readonly fails?: 'no-authn-context' | 'failed';
}

export interface VisitOptions {
  readonly method?: string;
  readonly form?: URLSearchParams;
  /** Facts of the login, if one is needed; `no`: the visit ends at the login page. */
  readonly logsIn?: LoginFacts | 'no';
}

export interface Visited {
  readonly status: number;
  /** Address of the page, or outside of Tenure to which the person was sent. */
  readonly url: URL;
  readonly body: string;
  readonly headers: Headers;
  /** Addresses of the login page that were shown on the way. */
  readonly logins: readonly URL[];
}

/** Clients by application. */
export const CLIENTS = {
  wiki: { id: 'wiki-client', secret: 'wiki secret/with:signs', redirect: 'https://wiki.example/callback' },
  crm: { id: 'crm-client', secret: 'crm-secret', redirect: 'https://crm.example/callback' },
  spa: { id: 'spa-client', secret: null, redirect: 'https://spa.example/callback' },
  old: { id: 'old-client', secret: 'old-secret', redirect: 'https://old.example/callback' },
  bank: { id: 'bank-client', secret: null, redirect: 'https://bank.example/callback' },
} as const;
export type ClientName = keyof typeof CLIENTS;

const applications = (jwks: string): string => `
applications:
  wiki:
    title: Wiki
    protocol: oidc
    clientId: wiki-client
    clientSecret: \${env:WIKI_SECRET}
    redirectUris: [https://wiki.example/callback, https://wiki.example/other]
    postLogoutRedirectUris: [https://wiki.example/bye]
    backchannelLogoutUri: https://wiki.example/logout
    resources: [https://api.wiki.example]
    mayUse: { when: 'identity.department != "Guest"' }
    attributes: { name: identity.displayName, email: identity.email, department: identity.department }
    groups: 'identity.department == "Finance" ? ["finance"] : ["staff"]'
  crm-web:
    protocol: oidc
    clientId: crm-client
    clientSecret: \${env:CRM_WEB_SECRET}
    redirectUris: [https://crm.example/callback]
    postLogoutRedirectUris: [https://crm.example/bye]
    mayUse: { when: "true" }
    subject: email
  spa:
    protocol: oidc
    clientId: spa-client
    redirectUris: [https://spa.example/callback]
    mayUse: { when: "true" }
    groups: '[identity.department]'
    onChange: next-request
  old: { protocol: oidc, clientId: old-client, clientSecret: '\${env:OLD_SECRET}', pkce: optional, redirectUris: [https://old.example/callback], mayUse: { when: "true" } }
  bank:
    protocol: oidc
    clientId: bank-client
    jwks: ${jwks}
    profile: fapi2
    redirectUris: [https://bank.example/callback]
    mayUse: { when: "true" }
`;

/** Starts Tenure with its OpenID provider. */
export async function createOpenidTest(): Promise<OpenidTest> {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const directory = await mkdtemp(join(tmpdir(), 'tenure-openid-'));
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  await writeFile(join(directory, 'jwks.json'), JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'bank', use: 'sig' }] }));
  const openid = { ahead: 0 };
  const api = await createTestApi({
    url,
    tenureYaml: (yaml) => yaml + applications(join(directory, 'jwks.json')),
    environment: { WIKI_SECRET: CLIENTS.wiki.secret, CRM_WEB_SECRET: CLIENTS.crm.secret, OLD_SECRET: CLIENTS.old.secret },
    app: { clock: () => new Date(Date.now() + openid.ahead).toISOString(), loginRateLimit: 10_000 },
  });
  api.now = new Date().toISOString();
  await api.app.listen(port, '127.0.0.1');
  const bankKey = await importKey(privateKey);
  return Object.assign(openid, {
    api,
    url,
    issuer: `${url}/idp/oidc`,
    bankKey,
    person: (department: string) => somebody(api, url, department),
    async client(name: string) {
      const { id, secret } = CLIENTS[name as ClientName];
      const auth = name === 'bank' ? client.PrivateKeyJwt({ key: bankKey, kid: 'bank' }) : secret === null ? client.None() : client.ClientSecretBasic(secret);
      const discovered = await client.discovery(new URL(`${url}/idp/oidc`), id, secret ?? undefined, auth, { execute: [client.allowInsecureRequests] });
      return discovered;
    },
    async stop() {
      await api.stop();
      await rm(directory, { recursive: true });
    },
  });
}

async function importKey(key: KeyObject): Promise<CryptoKey> {
  return crypto.subtle.importKey('pkcs8', key.export({ type: 'pkcs8', format: 'der' }), { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
}

let people = 0;

async function somebody(api: TestApi, url: string, department: string): Promise<Somebody> {
  people += 1;
  const email = `person-${people}@contoso.example`;
  const externalId = `openid-${people}`;
  const facts = { displayName: `Person ${people}`, employeeNumber: `o${people}`, department, email };
  const { identityId } = await api.record({ externalId, facts });
  const id = identityId ?? '';
  const jar = new CookieJar();
  const logIn = async ({ authenticatedAt = new Date().toISOString(), acr }: LoginFacts = {}): Promise<void> => {
    const now = new Date().toISOString();
    const { token } = await api.store.transaction({ actor: { kind: 'system', id: 'test' }, correlationId: 'login', now }, (tx) =>
      tx.sessions.open(id, 'partner', now, later(now, 8), null, { authenticatedAt, acr: acr ?? null, sourceIndex: null, sourceSubject: null } as never),
    );
    jar.store(url, [`tenure_session=${token}; Path=/; HttpOnly; SameSite=Lax`]);
  };
  const visit = async (address: string, { method = 'GET', form, logsIn = {} }: VisitOptions = {}): Promise<Visited> => {
    const logins: URL[] = [];
    let [at, how, body] = [new URL(address), method, form];
    for (let step = 0; step < 12; step++) {
      const cookies = [...jar.sentTo(at.href, { crossSite: false, safe: true })].map(([name, value]) => `${name}=${value}`).join('; ');
      const response = await fetch(at, {
        method: how,
        redirect: 'manual',
        headers: { accept: 'text/html', ...(cookies === '' ? {} : { cookie: cookies }) },
        ...(body === undefined ? {} : { body }),
      });
      jar.store(at.href, response.headers.getSetCookie());
      const location = response.headers.get('location');
      if (location === null) return { status: response.status, url: at, body: await response.text(), headers: response.headers, logins };
      at = new URL(location, at);
      [how, body] = ['GET', undefined];
      if (at.origin !== url) return { status: response.status, url: at, body: await response.text(), headers: response.headers, logins };
      if (at.pathname === '/login') {
        logins.push(at);
        if (logsIn === 'no') return { status: response.status, url: at, body: '', headers: response.headers, logins };
        if (logsIn.fails === undefined) await logIn(logsIn);
        at = new URL(at.searchParams.get('returnTo') ?? '/me', url);
        if (logsIn.fails !== undefined) at.searchParams.set('error', logsIn.fails);
      }
    }
    throw new Error('does not come to an end');
  };
  return { id, email, externalId, facts, jar, visit, logIn };
}

/** Address of a request for a login, with PKCE; its verifier. */
export async function authorization(
  { issuer }: OpenidTest,
  application: ClientName,
  parameters: Record<string, string | null> = {},
): Promise<{ readonly address: string; readonly verifier: string }> {
  const verifier = client.randomPKCECodeVerifier();
  const all: Record<string, string | null> = {
    client_id: CLIENTS[application].id,
    response_type: 'code',
    redirect_uri: CLIENTS[application].redirect,
    scope: 'openid profile email',
    state: 'state-1',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...parameters,
  };
  const query = new URLSearchParams(Object.entries(all).flatMap(([name, value]) => (value === null ? [] : [[name, value]])));
  return { address: `${issuer}/auth?${query.toString()}`, verifier };
}

/** A call of an endpoint by an application: its status and its answer. */
export async function call(
  { issuer }: OpenidTest,
  path: string,
  form: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<{ readonly status: number; readonly body: Readonly<Record<string, unknown>>; readonly headers: Headers }> {
  const response = await fetch(`${issuer}${path}`, { method: 'POST', headers, body: new URLSearchParams(form) });
  const text = await response.text();
  return { status: response.status, body: text.startsWith('{') ? (JSON.parse(text) as Readonly<Record<string, unknown>>) : {}, headers: response.headers };
}

/** Form members by which an application with a secret proves itself. */
export function secretOf(application: ClientName): Record<string, string> {
  const { id, secret } = CLIENTS[application];
  return { client_id: id, ...(secret === null ? {} : { client_secret: secret }) };
}

/** Form of a code exchange. */
export function exchange(application: ClientName, visited: Visited, verifier: string | null): Record<string, string> {
  return {
    grant_type: 'authorization_code',
    code: visited.url.searchParams.get('code') ?? '',
    redirect_uri: CLIENTS[application].redirect,
    ...(verifier === null ? {} : { code_verifier: verifier }),
    ...secretOf(application),
  };
}

/** One login of a person into an application with openid-client, to the tokens. */
export async function logInto(
  test: OpenidTest,
  person: Somebody,
  application: ClientName,
  parameters: Record<string, string> = {},
): Promise<{
  readonly tokens: client.TokenEndpointResponse & client.TokenEndpointResponseHelpers;
  readonly visited: Visited;
  readonly configuration: client.Configuration;
}> {
  const configuration = await test.client(application);
  const verifier = client.randomPKCECodeVerifier();
  const nonce = client.randomNonce();
  const state = client.randomState();
  const address = client.buildAuthorizationUrl(configuration, {
    redirect_uri: CLIENTS[application].redirect,
    scope: 'openid profile email',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    nonce,
    state,
    ...parameters,
  });
  const visited = await person.visit(address.href);
  if (visited.url.origin === test.url)
    throw new Error(`the person stays at Tenure: ${visited.status} ${visited.url.href}\n${visited.body}\n${test.api.log.slice(-4).join('')}`);
  const tokens = await client.authorizationCodeGrant(configuration, visited.url, { pkceCodeVerifier: verifier, expectedNonce: nonce, expectedState: state });
  return { tokens, visited, configuration };
}
