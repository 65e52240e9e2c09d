import { readFile } from 'node:fs/promises';
import type { ApplicationSettings } from '@tenure/config';
import { LoginRefused, NotFound } from '@tenure/domain';
import type { SamlApplication } from '@tenure/engine/applications';
import {
  claimedIssuer,
  identityProviderMetadata,
  receivePost,
  receiveRedirect,
  receiveSoap,
  type ReceivedMessage,
  identityProviderAt,
} from '@tenure/federation';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sendPage } from '../../pages/me/routes.ts';
import { refusedRequestPage } from './refused-request-page.ts';
import { createSingleLogout } from './single-logout.ts';
import { createSingleSignOn, RequestOver, type SamlIdpDependencies } from './single-sign-on.ts';
import { soapFault } from './soap-fault.ts';

/** Largest body, in bytes: a form with a request, or one by SOAP. */
const bodyLimit = 100_000;

type Handler = (message: ReceivedMessage) => Promise<void>;

/**
 * Endpoints of Tenure as a SAML identity provider. A request that is refused, and has nowhere that an answer could go to, shows the person words and a
 * reference; the reason is in the log under it. Relies on @fastify/cookie and @fastify/rate-limit of the surrounding application.
 * @param rateLimit requests of one address in a minute, for each of these routes
 */
export function registerSamlIdentityProvider(app: FastifyInstance, dependencies: SamlIdpDependencies & { readonly rateLimit: number }): void {
  const { configuration, clock, keyring, applications, logger } = dependencies;
  const identityProvider = identityProviderAt(configuration.url);
  const config = { rateLimit: { max: dependencies.rateLimit, timeWindow: '1 minute' } };
  // A HEAD request of a scanner must not use anything up.
  const options = { config, exposeHeadRoute: false } as const;
  const signOn = createSingleSignOn(dependencies);
  const logout = createSingleLogout(dependencies);

  /** Runs a handler; what it refuses becomes a page. @param named application that the address or the message names; `null`: unknown */
  const guarded = async (
    request: FastifyRequest,
    reply: FastifyReply,
    run: () => Promise<void>,
    named: () => Pick<ApplicationSettings, 'title' | 'address'> | null = () => null,
  ): Promise<FastifyReply> => {
    void reply.header('cache-control', 'no-store');
    try {
      await run();
    } catch (error) {
      const isOver = error instanceof RequestOver;
      if (!isOver && !(error instanceof LoginRefused)) throw error;
      const reason = isOver ? 'request-over' : error.reason === 'idp-initiated' ? 'not-offered' : error.reason;
      logger.info({ reason, reference: request.id, ...(isOver ? {} : { err: error }) }, 'a request of an application was refused');
      const status = isOver ? 410 : reason === 'provider-unreachable' ? 502 : 403;
      void sendPage(reply, status, refusedRequestPage({ reason, application: named(), reference: request.id }));
    }
    return reply;
  };
  /** Receives a message of a browser, and runs its handler. */
  const received = (request: FastifyRequest, reply: FastifyReply, read: () => ReceivedMessage, handle: Handler): Promise<FastifyReply> => {
    let message: ReceivedMessage | null = null;
    const named = () => {
      const issuer = message === null ? null : claimedIssuer(message);
      return [...applications.byName.values()].find(({ metadata }) => issuer !== null && metadata.known(clock())?.entityId === issuer)?.settings ?? null;
    };
    return guarded(request, reply, async () => handle((message = read())), named);
  };
  const known = (name: string): SamlApplication => {
    const found = applications.byName.get(name);
    if (found === undefined) throw new NotFound('there is no such application');
    return found;
  };

  void app.register(async (scope) => {
    const script = await readFile(new URL('post.js', import.meta.url), 'utf8');
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string', bodyLimit }, (_request, body, done) =>
      done(null, new URLSearchParams(String(body))),
    );
    scope.addContentTypeParser(['text/xml', 'application/soap+xml'], { parseAs: 'string', bodyLimit }, (_request, body, done) => done(null, String(body)));

    scope.get('/idp/saml/metadata', { config }, async (_request, reply) => {
      const [{ privateKey, certificate }, published] = await Promise.all([keyring.signing('saml'), keyring.published('saml')]);
      const certificates = published.flatMap((key) => key.certificate ?? []);
      const xml = identityProviderMetadata({ identityProvider, certificates, signature: { privateKey, certificate }, now: clock() });
      return reply.type('application/samlmetadata+xml').header('cache-control', 'public, max-age=300').send(xml);
    });
    scope.get('/idp/saml/post.js', { config }, async (_request, reply) =>
      reply.type('text/javascript; charset=utf-8').header('cache-control', 'public, max-age=300').send(script),
    );

    for (const [path, handle] of [
      ['/idp/saml/sso', signOn.begin],
      ['/idp/saml/slo', logout.byBrowser],
    ] as const) {
      scope.get(path, options, (request, reply) =>
        received(
          request,
          reply,
          () => receiveRedirect(queryOf(request)),
          (message) => handle(message, request, reply),
        ),
      );
      scope.post(path, { config, bodyLimit }, (request, reply) =>
        received(
          request,
          reply,
          () => receivePost(formOf(request)),
          (message) => handle(message, request, reply),
        ),
      );
    }

    scope.post('/idp/saml/soap', { config, bodyLimit }, async (request, reply) => {
      void reply.header('cache-control', 'no-store');
      try {
        await logout.bySoap(receiveSoap(typeof request.body === 'string' ? request.body : ''), request, reply);
      } catch (error) {
        if (!(error instanceof LoginRefused)) throw error;
        logger.info({ reason: error.reason, reference: request.id, err: error }, 'a request of an application was refused');
        void reply.code(500).type('text/xml; charset=utf-8').send(soapFault(error.reason, request.id));
      }
      return reply;
    });

    scope.get<{ Params: { application: string; request: string } }>('/idp/saml/continue/:application/:request', options, (request, reply) =>
      guarded(
        request,
        reply,
        async () => signOn.goOn(known(request.params.application), request.params.request.slice(0, 100), request, reply),
        () => applications.byName.get(request.params.application)?.settings ?? null,
      ),
    );
    scope.get<{ Params: { application: string } }>('/idp/saml/start/:application', options, (request, reply) =>
      guarded(
        request,
        reply,
        async () => signOn.start(known(request.params.application), request, reply),
        () => applications.byName.get(request.params.application)?.settings ?? null,
      ),
    );
  });
}

/** Query as it was sent: a signature covers its octets. */
function queryOf({ raw }: FastifyRequest): string {
  const { url = '' } = raw;
  const mark = url.indexOf('?');
  return mark < 0 ? '' : url.slice(mark + 1);
}

/** Fields of a form. @throws LoginRefused where one is there twice: two readers could read two messages */
function formOf({ body }: FastifyRequest): Readonly<Record<string, string>> {
  const fields = body instanceof URLSearchParams ? [...body] : [];
  const form = Object.fromEntries(fields);
  if (Object.keys(form).length !== fields.length) throw new LoginRefused('malformed', 'the form has a field twice');
  return form;
}
