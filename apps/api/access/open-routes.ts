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
  'POST /me/sessions': 'the person who is logged in, with the form of their page: ends one of their sessions',
  'POST /logout': 'the person who is logged in',
  'GET /health/live': 'anybody',
  'GET /health/ready': 'anybody',
  'POST /graphql': 'callers with a token or session; each field has its own guard',
  'GET /graphql': 'subscriptions over WebSocket, authenticated in connection_init',
  'GET /certificates/keys': 'anybody: the public key that certificates are signed with',
  'GET /leavers/:identityId/certificate.pdf': 'those who may read everything; it checks that itself',
  'GET /decide/:token': 'everybody who has the link of a mail, and is logged in where mail.decideByLink demands it; it shows and never decides',
  'POST /decide/:token': 'the same, with the form of that page: decides as the person the link was sent to',
  'GET /saml/:provider/metadata': 'anybody',
  'GET /saml/:provider/login': 'anybody',
  'POST /saml/:provider/acs': 'anybody with an assertion of the provider',
  'GET /oidc/:provider/login': 'anybody',
  'GET /idp/saml/metadata': 'anybody',
  'GET /idp/saml/post.js': 'anybody',
  'GET /idp/saml/sso': 'browsers with a request of a registered application',
  'POST /idp/saml/sso': 'browsers with a request of a registered application',
  'GET /idp/saml/continue/:application/:request': 'the browser that brought the request, after its login',
  'GET /idp/saml/start/:application': 'anybody, for an application that allows logins that Tenure begins',
  'GET /idp/saml/slo': 'browsers with a signed logout of a registered application',
  'POST /idp/saml/slo': 'browsers with a signed logout of a registered application',
  'POST /idp/saml/soap': 'registered applications with a signed logout',
  'GET /oidc/:provider/callback': 'anybody with a code of the provider',
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
