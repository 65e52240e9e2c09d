import type { FastifyInstance } from 'fastify';

/**
 * Every route that answers, with its callers. Any other route is refused, even if it was registered. Routes for anybody check what they need by
 * themselves: /graphql refuses callers without a valid token or session, before it reads their query.
 */
export const openRoutes: Readonly<Record<string, string>> = {
  'GET /': 'anybody: says what this is',
  'GET /me': 'anybody: the person who is logged in, or the providers to log in with',
  'GET /applications': 'the person who is logged in: the applications that they may use and request',
  'GET /applications/:application/logo': 'anybody: the logo of an application',
  'POST /applications/:application/request': 'the person who is logged in, with the form of that page: requests access for themselves',
  'GET /login': 'anybody: sends them to their identity provider, or lets them choose it',
  'GET /me.css': 'anybody',
  'GET /me.js': 'anybody',
  'POST /logout': 'the person who is logged in',
  'GET /health/live': 'anybody',
  'GET /health/ready': 'anybody',
  'POST /graphql': 'callers with a token or session; each field has its own guard',
  'GET /graphql': 'subscriptions over WebSocket, authenticated in connection_init',
  'GET /certificates/keys': 'anybody: the public keys that certificates are or were signed with',
  'GET /leavers/:identityId/certificate.pdf': 'those who may read everything; it checks that itself',
  'GET /decide/:token': 'everybody who has the link of a mail, and is logged in where mail.decideByLink demands it; it shows and never decides',
  'POST /decide/:token': 'the same, with the form of that page: decides as the person the link was sent to',
  'GET /saml/:provider/metadata': 'anybody',
  'GET /saml/:provider/login': 'anybody',
  'POST /saml/:provider/acs': 'anybody with an assertion of the provider',
  'GET /oidc/:provider/login': 'anybody',
  'GET /oidc/:provider/callback': 'anybody with a code of the provider',
  'GET /idp/oidc/.well-known/openid-configuration': 'anybody: the metadata of the OpenID provider',
  'OPTIONS /idp/oidc/.well-known/openid-configuration': 'anybody: CORS',
  'GET /.well-known/oauth-authorization-server/idp/oidc': 'anybody: the same metadata, where RFC 8414 has clients look for it',
  'GET /idp/oidc/jwks': 'anybody: public keys',
  'OPTIONS /idp/oidc/jwks': 'anybody: CORS',
  'GET /idp/oidc/auth': 'anybody: a login is needed before it answers with a code, at a registered address alone',
  'POST /idp/oidc/auth': 'the same',
  'GET /idp/oidc/auth/:uid': 'the browser that has begun the request',
  'GET /idp/oidc/interaction/:uid': 'the browser that has begun the request',
  'POST /idp/oidc/request': 'an application that proves itself',
  'OPTIONS /idp/oidc/request': 'anybody: CORS',
  'POST /idp/oidc/token': 'an application that proves itself, or a public one with the proof of its own code',
  'OPTIONS /idp/oidc/token': 'anybody: CORS',
  'POST /idp/oidc/token/introspection': 'an application that proves itself, about its own tokens',
  'OPTIONS /idp/oidc/token/introspection': 'anybody: CORS',
  'POST /idp/oidc/token/revocation': 'an application that proves itself, about its own tokens',
  'OPTIONS /idp/oidc/token/revocation': 'anybody: CORS',
  'GET /idp/oidc/me': 'an application with an access token',
  'POST /idp/oidc/me': 'an application with an access token',
  'OPTIONS /idp/oidc/me': 'anybody: CORS',
  'GET /idp/oidc/session/end': 'anybody: ends a session by an ID token of it, and asks the person otherwise',
  'POST /idp/oidc/session/end': 'the same',
  'POST /idp/oidc/session/end/confirm': 'the person who is logged in, with the form of our page',
  'GET /saml/:provider/slo': 'the provider, with a signed message of logout that a browser brings',
  'POST /saml/:provider/slo': 'the provider, with a signed message of logout that a browser brings, or by SOAP',
  'POST /oidc/:provider/backchannel-logout': 'the provider, with a logout token',
  'GET /oidc/:provider/jwks': 'anybody: the public keys by which Tenure authenticates at the provider',
  'GET /oidc/:provider/logged-out': 'anybody: the return from a logout at the provider',
};

/** True if an address was opened on purpose. HEAD is open where GET is. */
export function isOpenRoute(method: string, url: string): boolean {
  return Object.hasOwn(openRoutes, `${method === 'HEAD' ? 'GET' : method} ${url}`);
}

/** Refuses routes that are not in the list. Has to be called before any route is added. */
export function refuseClosedRoutes(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', async (request, reply) => {
    const { url } = request.routeOptions;
    if (url === undefined || request.is404 || isOpenRoute(request.method, url)) return;
    await reply.code(403).send({ error: 'this endpoint is closed' });
  });
}
