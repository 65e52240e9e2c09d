import { endAtSource } from '@tenure/engine/login';
import { LoginRefused, NotFound } from '@tenure/domain';
import { receivePost, receiveRedirect, receiveSoap, type ReceivedMessage, soapEnvelope } from '@tenure/federation';
import type { ActContext } from '@tenure/store';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { html } from '../pages/html.ts';
import { page } from '../pages/page.ts';
import { logoutId } from './logout-id.ts';
import type { OidcProvider, SamlProvider } from './providers.ts';
import { receiveLogoutRequest, receiveLogoutResponse, type SamlLogoutAnswer } from './saml-logout.ts';
import type { LoginRouteDependencies } from './routes.ts';

type ProviderRequest = FastifyRequest<{ Params: { provider: string }; Querystring: Record<string, string | undefined> }>;

/** Providers announce the logouts of many people from one address. */
const perAddress = 6_000;
const bodyLimit = 400_000;

/**
 * The endpoints of logout at a provider: SAML single logout by redirect, form and SOAP, OpenID Connect back-channel logout, and the return from a
 * logout that Tenure has begun.
 * @param scope takes forms only; this adds XML
 */
export function registerLogoutRoutes(
  scope: FastifyInstance,
  dependencies: LoginRouteDependencies,
  answered: (request: ProviderRequest, reply: FastifyReply, run: (context: ActContext) => Promise<unknown>) => Promise<unknown>,
): void {
  const { providers, clock, store, logger, metrics } = dependencies;
  const config = { rateLimit: { max: Math.max(perAddress, dependencies.rateLimit), timeWindow: '1 minute' } };
  scope.addContentTypeParser('text/xml', { parseAs: 'string', bodyLimit: 100_000 }, (_request, body, done) => done(null, String(body)));

  const note = (provider: string, error: LoginRefused, reference: string): void => {
    logger.warn({ provider, reason: error.reason, reference, err: error }, 'a logout message of a provider was refused');
    metrics?.loginRefused(provider, error.reason);
  };

  const byBrowser = async (provider: SamlProvider, received: ReceivedMessage, reply: FastifyReply, context: ActContext): Promise<unknown> => {
    if (received.root.name === 'LogoutResponse') {
      const { response, returnTo } = await receiveLogoutResponse(dependencies, provider, received, context);
      if (response.isComplete) return reply.redirect(returnTo, 303);
      logger.warn({ provider: provider.settings.name, status: response.status, reference: context.correlationId }, 'a logout at a provider is incomplete');
      return reply.status(200).type('text/html; charset=utf-8').send(incompletePage(provider.settings.title));
    }
    const { ended, answer } = await receiveLogoutRequest(dependencies, provider, received, context);
    logger.info({ provider: provider.settings.name, ...ended, correlation: context.correlationId }, 'a provider has logged somebody out');
    return send(reply, answer, provider.settings.title);
  };

  scope.get('/saml/:provider/slo', { config }, (request: ProviderRequest, reply) =>
    answered(request, reply, (context) => {
      const question = request.url.indexOf('?');
      const received = receiveRedirect(question < 0 ? '' : request.url.slice(question + 1));
      return byBrowser(known(providers.saml, request), received, reply, context);
    }),
  );

  scope.post(
    '/saml/:provider/slo',
    { config, bodyLimit },
    async (request: FastifyRequest<{ Params: { provider: string }; Body: string | Record<string, string | undefined> | undefined }>, reply) => {
      const { body } = request;
      const asPage = request as unknown as ProviderRequest;
      if (typeof body !== 'string')
        return answered(asPage, reply, (context) => byBrowser(known(providers.saml, asPage), receivePost(body ?? {}), reply, context));
      const provider = providers.saml.get(request.params.provider);
      if (provider === undefined) return fault(reply, 404);
      try {
        const context = contextOf(asPage, clock());
        const { ended, answer } = await receiveLogoutRequest(dependencies, provider, receiveSoap(body), context);
        logger.info({ provider: provider.settings.name, ...ended, correlation: request.id }, 'a provider has logged somebody out');
        return send(reply, answer, provider.settings.title);
      } catch (error) {
        if (!(error instanceof LoginRefused)) throw error;
        note(provider.settings.name, error, request.id);
        return fault(reply, 500);
      }
    },
  );

  scope.post(
    '/oidc/:provider/backchannel-logout',
    { config, bodyLimit: 20_000 },
    async (request: FastifyRequest<{ Params: { provider: string }; Body: Record<string, string | undefined> | undefined }>, reply) => {
      const provider = providers.oidc.get(request.params.provider);
      if (provider === undefined) return refuseToken(reply, 404, 'there is no such identity provider');
      const name = provider.settings.name;
      try {
        const context = contextOf(request as unknown as ProviderRequest, clock());
        const ended = await endByToken(dependencies, provider, request.body?.['logout_token'], context);
        logger.info({ provider: name, ...ended, correlation: request.id }, 'a provider has logged somebody out');
        return reply.status(200).send();
      } catch (error) {
        if (!(error instanceof LoginRefused)) throw error;
        note(name, error, request.id);
        // 503: the provider tells it again (Back-Channel Logout 1.0 section 2.8 leaves the status to us where the request itself is good).
        return refuseToken(reply, error.reason === 'provider-unreachable' ? 503 : 400, error.reason);
      }
    },
  );

  scope.get('/oidc/:provider/logged-out', { config }, (request: ProviderRequest, reply) =>
    answered(request, reply, async (context) => {
      const { settings } = known(providers.oidc, request);
      const { state } = request.query;
      // Whoever comes without a state of ours is sent to the start: nothing depends on it.
      const sent = typeof state === 'string' ? await store.transaction(context, (tx) => tx.sessions.takeLogin(logoutId(state), context.now)) : null;
      return reply.redirect(sent !== null && sent.provider === settings.name ? sent.returnTo : '/me', 303);
    }),
  );
}

async function endByToken({ store }: LoginRouteDependencies, { settings, client }: OidcProvider, token: string | undefined, context: ActContext) {
  if (typeof token !== 'string' || token === '') throw new LoginRefused('malformed', 'the form has no logout_token');
  const { id, subject, sessionId, staleAt } = await client.readLogoutToken(token, context.now);
  const message = { issuer: settings.issuer, id, staleAt };
  const indexes = sessionId === null ? [] : [sessionId];
  const ended = await store.transaction(context, (tx) => endAtSource(tx, { provider: settings.name, message, subject, indexes }));
  if (ended.isRepeated) throw new LoginRefused('message-replayed', 'the logout token was received before');
  return ended;
}

function known<T>(all: ReadonlyMap<string, T>, { params: { provider } }: ProviderRequest): T {
  const found = all.get(provider);
  if (found === undefined) throw new NotFound('there is no such identity provider');
  return found;
}

/** The actor is the provider whose message it is. */
export function contextOf({ params: { provider }, id }: ProviderRequest, now: string): ActContext {
  return { actor: { kind: 'source', id: provider.slice(0, 100) }, correlationId: id, now };
}

/** Errors of a back-channel logout (Back-Channel Logout 1.0 section 2.8). */
function refuseToken(reply: FastifyReply, status: number, description: string): FastifyReply {
  return reply.status(status).type('application/json').send({ error: 'invalid_request', error_description: description });
}

/** SOAP 1.1 fault: the message was not taken. */
function fault(reply: FastifyReply, status: number): FastifyReply {
  const text = '<soap:Fault><faultcode>soap:Client</faultcode><faultstring>the message was refused</faultstring></soap:Fault>';
  return reply.status(status).type('text/xml; charset=utf-8').send(soapEnvelope(text));
}

function send(reply: FastifyReply, answer: SamlLogoutAnswer, title: string): FastifyReply {
  switch (answer.binding) {
    case 'redirect':
      return reply.redirect(answer.url, 303);
    case 'soap':
      return reply.type('text/xml; charset=utf-8').send(answer.body);
    case 'post': {
      const fields = Object.entries(answer.fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`);
      const body = html`<header><h1>You are logged out of Tenure</h1></header>
<form method="post" action="${answer.url}">${fields}<p><button>Go back to ${title}</button></p></form>`;
      return reply
        .header(
          'content-security-policy',
          `default-src 'none'; style-src 'self'; form-action ${new URL(answer.url).origin}; base-uri 'none'; frame-ancestors 'none'`,
        )
        .type('text/html; charset=utf-8')
        .send(page('Logged out', body));
    }
    case null:
      return reply.type('text/html; charset=utf-8').send(page('Logged out', html`<header><h1>You are logged out of Tenure</h1></header>`));
  }
}

function incompletePage(title: string): string {
  return page(
    'Logged out',
    html`<header><h1>You are logged out of Tenure</h1></header>
<p role="status">${title} could not end all of your sessions elsewhere. Close your browser to be sure.</p><p><a class="button" href="/me">Log in again</a></p>`,
  );
}
