import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Configuration, type JWK, Provider } from 'oidc-provider';
import { loginPage } from './login-page.ts';
import { createMemoryAdapter } from './memory-adapter.ts';
import { findPerson, listPeople, type People, type Person } from './people.ts';
import { type RunningServer, startServer, stopOnSignal } from './start-server.ts';

export interface OidcProviderOptions {
  readonly port: number;
  readonly people: People;
  readonly redirectUri: string;
  readonly clientId?: string;
  /** A random one where it is left out. */
  readonly clientSecret?: string;
  /** Further metadata of its client, such as another authentication; `client_secret: undefined` for none. */
  readonly client?: Readonly<Record<string, unknown>>;
  readonly features?: Configuration['features'];
}

export interface RunningOidcProvider extends RunningServer {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Starts an OpenID provider with keys of its own, one client (`tenure`), and a page that lists its people instead of passwords. */
export async function startOidcProvider(options: OidcProviderOptions): Promise<RunningOidcProvider> {
  const clientId = options.clientId ?? 'tenure';
  const clientSecret = options.clientSecret ?? randomBytes(24).toString('base64url');
  // The issuer is known only once the port is: until then requests wait for the provider.
  const ready = Promise.withResolvers<(request: IncomingMessage, response: ServerResponse) => void>();
  const server = await startServer((request, response) => void ready.promise.then((listen) => listen(request, response)), options.port);
  const provider = new Provider(server.url, configuration(options, clientId, clientSecret));
  const serve = provider.callback();
  ready.resolve((request, response) => {
    const url = new URL(request.url ?? '/', server.url);
    if (url.pathname === '/health') response.writeHead(200).end('ok');
    else if (url.pathname.startsWith('/interaction/')) void interact(provider, options.people, url, request, response);
    else void serve(url.pathname.startsWith('/auth') ? withoutSession(request) : request, response);
  });
  return { ...server, issuer: server.url, clientId, clientSecret };
}

/** The login page; `login_hint` or `?as=` name the person. Consent is never asked: the company decided that for its people. */
async function interact(provider: Provider, people: People, url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const { params } = await provider.interactionDetails(request, response);
    const name = url.searchParams.get('as') ?? (typeof params['login_hint'] === 'string' ? params['login_hint'] : null);
    const person = name === null ? undefined : findPerson(people, name);
    if (person) await provider.interactionFinished(request, response, { login: { accountId: subjectOf(person) } }, { mergeWithLastSubmission: false });
    else
      response
        .writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
        .end(loginPage('Fabrikam', people, (choice) => `${url.pathname}?as=${encodeURIComponent(choice)}`));
  } catch {
    response.writeHead(400, { 'content-type': 'text/plain' }).end('this login is over; begin again');
  }
}

function configuration({ people, redirectUri, client, features }: OidcProviderOptions, clientId: string, clientSecret: string): Configuration {
  return {
    adapter: createMemoryAdapter(),
    jwks: { keys: [newKey()] },
    cookies: { keys: [randomBytes(24).toString('base64url')] },
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code'],
        response_types: ['code'],
        ...client,
      },
    ],
    scopes: ['openid', 'profile', 'email'],
    claims: { openid: ['sub', 'sid'], profile: ['given_name', 'family_name', 'name', 'employee_number'], email: ['email', 'email_verified'] },
    features: { devInteractions: { enabled: false }, ...features },
    pkce: { required: () => true },
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
    ttl: { AccessToken: 600, AuthorizationCode: 60, IdToken: 600, Interaction: 600, Session: 600, Grant: 600 },
    findAccount: (_context, subject) => {
      const person = listPeople(people).find((candidate) => subjectOf(candidate) === subject);
      return person && { accountId: subject, claims: () => ({ ...person.attributes, sub: subject }) };
    },
    loadExistingGrant: async (context) => {
      const { Grant } = context.oidc.provider;
      const accountId = context.oidc.session?.accountId;
      if (accountId === undefined) return undefined;
      const grant = new Grant({ clientId, accountId });
      grant.addOIDCScope('openid profile email');
      await grant.save();
      return grant;
    },
  };
}

/** Request without the provider's own session: nobody stays logged in here, so that one browser can play several people. */
function withoutSession(request: IncomingMessage): IncomingMessage {
  const cookies = (request.headers.cookie ?? '').split('; ').filter((cookie) => !cookie.startsWith('_session'));
  request.headers.cookie = cookies.join('; ');
  return request;
}

function subjectOf({ subject, name }: Person): string {
  return subject ?? name;
}

function newKey(): JWK {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...(privateKey.export({ format: 'jwk' }) as JWK), kid: randomUUID(), use: 'sig', alg: 'RS256' };
}

if (process.argv[1] && import.meta.filename === resolve(process.argv[1])) {
  const { values } = parseArgs({ options: { port: { type: 'string' }, people: { type: 'string' }, 'redirect-uri': { type: 'string' } } });
  if (!values.people || !values['redirect-uri'])
    throw new Error('usage: oidc-provider.ts --people FILE.json --redirect-uri URL [--port N]; the client secret is taken from OIDC_CLIENT_SECRET');
  const secret = process.env['OIDC_CLIENT_SECRET'];
  const provider = await startOidcProvider({
    port: Number(values.port ?? 0),
    people: values.people,
    redirectUri: values['redirect-uri'],
    ...(secret ? { clientSecret: secret } : {}),
  });
  console.log(`ready ${provider.url}`);
  stopOnSignal(provider);
}
