import { OPENID_PATH } from '@tenure/federation';
import { NotFound } from '@tenure/domain';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { followKeys } from './follow-keys.ts';
import { registerInteraction } from './interaction.ts';
import { registerLogout } from './logout.ts';
import { clientsOf, type OpenidDependencies, type Requests } from './provider-dependencies.ts';

/** Routes that the library answers, below `/idp/oidc`, and whether browsers call them for one person. */
const ROUTES: readonly (readonly [methods: readonly ('GET' | 'POST' | 'OPTIONS')[], path: string, by: 'browser' | 'application'])[] = [
  [['GET'], '/auth', 'browser'],
  [['GET'], '/auth/:uid', 'browser'],
  [['POST', 'OPTIONS'], '/request', 'application'],
  [['POST', 'OPTIONS'], '/token', 'application'],
  [['POST', 'OPTIONS'], '/token/introspection', 'application'],
  [['POST', 'OPTIONS'], '/token/revocation', 'application'],
  [['GET', 'POST', 'OPTIONS'], '/me', 'application'],
  [['GET', 'OPTIONS'], '/jwks', 'application'],
  [['GET', 'OPTIONS'], '/.well-known/openid-configuration', 'application'],
];
/** Where RFC 8414 section 3.1 has clients look for the metadata of an issuer with a path. */
const METADATA = `/.well-known/oauth-authorization-server${OPENID_PATH}`;
/** Requests of an application's server in a minute, as a multiple of those of one browser's address: its people come from one address. */
const APPLICATION_FACTOR = 10;
/** Most bytes of a request for a login that is posted. */
const FORM = 16_384;

/** Registers the OpenID provider. Relies on @fastify/cookie and @fastify/rate-limit of the surrounding application. */
export function registerOpenidRoutes(app: FastifyInstance, dependencies: OpenidDependencies): void {
  const requests: Requests = new WeakMap();
  const current = followKeys(dependencies, requests);
  const hasClients = clientsOf(dependencies).size > 0;
  const { host, protocol } = new URL(dependencies.configuration.url);
  const limited = (factor: number) => ({ config: { rateLimit: { max: dependencies.rateLimit * factor, timeWindow: '1 minute' } } });

  // Without applications the library is not even loaded.
  const mustHaveClients = async (): Promise<void> => {
    if (!hasClients) throw new NotFound('no application uses OpenID Connect');
  };
  const answer = (path: (request: FastifyRequest) => string) => async (request: FastifyRequest, reply: FastifyReply) => {
    const { handle } = await current();
    reply.hijack();
    const { raw } = request;
    // Nothing of ours runs after this: what hooks have set, such as the headers of helmet, is sent by Node's own answer.
    for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) reply.raw.setHeader(name, value as string | string[]);
    Object.assign(raw, { originalUrl: `${OPENID_PATH}${path(request)}`, url: path(request) });
    // All addresses are those of tenure.yaml, whatever a proxy or a client states.
    raw.headers.host = host;
    raw.headers['x-forwarded-proto'] = protocol.slice(0, -1);
    delete raw.headers['x-forwarded-host'];
    requests.set(raw, request);
    await handle(raw, reply.raw);
  };

  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addHook('preHandler', mustHaveClients);
    // The library reads bodies by itself.
    scope.addContentTypeParser('*', (_request, _body, done) => done(null));
    for (const [methods, path, by] of ROUTES) {
      const options = limited(by === 'browser' ? 1 : APPLICATION_FACTOR);
      scope.route({ method: [...methods], url: `${OPENID_PATH}${path}`, ...options, handler: answer(({ raw }) => (raw.url ?? '').slice(OPENID_PATH.length)) });
    }
    scope.get(
      METADATA,
      { ...limited(APPLICATION_FACTOR) },
      answer(() => '/.well-known/openid-configuration'),
    );
  });
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addHook('preHandler', mustHaveClients);
    scope.addHook('onSend', async (_request, reply) => void reply.header('cache-control', 'no-store'));
    scope.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string', bodyLimit: FORM }, (_request, body, done) => done(null, String(body)));
    // A form that is posted from the application's site comes without the session; the redirect to the same request brings it (OpenID Connect Core
    // section 3.1.2.1 has both methods mean the same).
    scope.post(`${OPENID_PATH}/auth`, limited(1), async (request, reply) =>
      reply.redirect(`${OPENID_PATH}/auth?${new URLSearchParams(typeof request.body === 'string' ? request.body : '').toString()}`, 303),
    );
    registerInteraction(scope, dependencies, current, limited(1));
    registerLogout(scope, dependencies, current, limited(1));
  });
}
