import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import websocket from '@fastify/websocket';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { createPreviews } from '@tenure/engine/previews';
import { LOGIN_RATE } from '@tenure/config';
import { DatabaseUnavailable, NotFound } from '@tenure/domain';
import Fastify, { type FastifyInstance, LogController } from 'fastify';
import type { Logger } from 'pino';
import { AppModule } from './app.module.ts';
import { createKeyring } from '@tenure/engine/keys';
import { createAuthenticate } from '@tenure/engine/callers';
import { sessionCookieName } from '../access/credential.ts';
import { refuseClosedRoutes } from '../access/open-routes.ts';
import { createRefusals } from '../access/refusals.ts';
import { createReadSession } from '../access/session-of-request.ts';
import { registerDecisionRoutes } from '../pages/decide/routes.ts';
import type { ApiDependencies } from './dependencies.ts';
import { retryAfter } from './errors/format-errors.ts';
import { limits } from './limits.ts';
import { graphqlOptions } from './graphql-options.ts';
import { closeSilentSockets } from './subscriptions/socket-context.ts';
import { registerHealthRoutes } from './health-routes.ts';
import { registerApplicationRoutes } from '../pages/applications/routes.ts';
import { registerCertificateRoutes } from '../pages/certificate/routes.ts';
import { followApplications } from '../idp/saml/follow-applications.ts';
import { registerSamlIdentityProvider } from '../idp/saml/routes.ts';
import { registerLoginRoutes } from '../login/index.ts';
import { registerHomeRealmRoutes } from '../login/home-realm-routes.ts';
import { followProviders } from '../login/providers.ts';
import { usualPatience } from './patience.ts';
import { registerMeRoutes, sendPage } from '../pages/me/routes.ts';
import { errorPage } from '../pages/signed-out-page.ts';
import { nestLogger } from './nest-logger.ts';
import { observeRequests } from './observe-requests.ts';

/** The whole API without a process: `listen` it, or `inject` requests into it. */
export async function createApp(dependencies: ApiDependencies): Promise<NestFastifyApplication> {
  const { logger, configuration } = dependencies;
  const patience = { ...usualPatience, ...dependencies.patience };
  const fastify = Fastify({
    loggerInstance: logger,
    // Our own line below contains less: no address with its query, which may name people.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: limits.body,
    trustProxy: dependencies.trustedProxies ?? false,
    genReqId: ({ headers }) => correlationId(headers['x-request-id']),
    requestIdHeader: false,
    forceCloseConnections: 'idle',
    // Without these Fastify waits for ever for the rest of a request.
    requestTimeout: patience.request,
    keepAliveTimeout: patience.idle,
    http: { headersTimeout: patience.headers, connectionsCheckingInterval: Math.min(patience.headers, 5_000) },
  }) as unknown as FastifyInstance;
  observeRequests(fastify, dependencies);
  const authenticate = createAuthenticate({
    ...dependencies,
    failed: (error) => dependencies.logger.warn({ err: error }, 'the use of a credential could not be noted'),
  });
  const readSession = createReadSession(dependencies, authenticate);
  await prepare(fastify, configuration.url, logger);
  const refusals = createRefusals(fastify, dependencies);

  const providers = dependencies.providers ?? followProviders(dependencies.engine, logger);
  const samlApplications = dependencies.samlApplications ?? followApplications(configuration, logger);
  const keyring = createKeyring(dependencies);
  const { perAddress, perSubject } = configuration.loginRate ?? LOGIN_RATE;
  const previews = dependencies.previews ?? createPreviews(dependencies);
  // Nobody waits for it: an installation starts though a provider is away.
  fastify.addHook('onListen', () => {
    void providers.prepare();
    void samlApplications.prepare();
  });
  fastify.addHook('onClose', async () => {
    providers.stop();
    samlApplications.stop();
    await previews.close();
  });
  registerHealthRoutes(fastify, dependencies);
  registerCertificateRoutes(fastify, dependencies, authenticate, refusals);
  await fastify.register(async (pages) => {
    answerWithPages(pages, logger);
    registerLoginRoutes(pages, {
      ...dependencies,
      providers,
      sessionCookie: sessionCookieName(configuration.url),
      rateLimit: dependencies.loginRateLimit ?? perAddress,
      subjectRateLimit: dependencies.loginRateLimit ?? perSubject,
    });
    registerSamlIdentityProvider(pages, {
      ...dependencies,
      readSession,
      applications: samlApplications,
      keyring,
      rateLimit: dependencies.loginRateLimit ?? perAddress,
    });
    await pages.register(async (own) => {
      await registerMeRoutes(own, dependencies, readSession, refusals);
      registerDecisionRoutes(own, dependencies, authenticate, refusals);
      registerApplicationRoutes(own, dependencies, { readSession, refusals, rateLimit: dependencies.loginRateLimit ?? perAddress });
      registerHomeRealmRoutes(own, dependencies, { readSession, rateLimit: dependencies.loginRateLimit ?? perAddress });
    });
  });

  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.of({ ...dependencies, previews }, graphqlOptions(dependencies, authenticate, fastify, refusals)),
    new FastifyAdapter(fastify as never),
    {
      logger: nestLogger(logger),
      bodyParser: false,
      abortOnError: false,
    },
  );
  await app.init();
  await fastify.ready();
  closeSilentSockets(fastify.server);
  return app;
}

/** Id of a request: our own, or the caller's where that is short and plain. */
function correlationId(given: string | string[] | undefined): string {
  return typeof given === 'string' && /^[\w.-]{1,64}$/.test(given) ? given : randomUUID();
}

async function prepare(fastify: FastifyInstance, url: string, logger: Logger): Promise<void> {
  const isHttps = url.startsWith('https:');
  await fastify.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        scriptSrc: ["'self'"],
        connectSrc: ["'self'"],
        imgSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    // With no-referrer, browsers would not even show us that a form came from our own page.
    referrerPolicy: { policy: 'same-origin' },
    strictTransportSecurity: isHttps ? { maxAge: 31_536_000 } : false,
    xFrameOptions: { action: 'deny' },
  });
  await fastify.register(cookie);
  await fastify.register(rateLimit, { global: false });
  // Before Mercurius would, which takes a megabyte.
  await fastify.register(websocket, { options: { maxPayload: limits.message } });
  fastify.addHook('onRequest', async (request, reply) => {
    void reply.header('x-request-id', request.id);
  });
  refuseClosedRoutes(fastify);
  // Queries come by POST, so that no proxy or browser keeps them and their variables.
  fastify.addHook('onRequest', async (request, reply) => {
    if (request.method === 'GET' && request.routeOptions.url === '/graphql' && request.headers.upgrade?.toLowerCase() !== 'websocket') {
      await reply
        .code(405)
        .header('allow', 'POST')
        .send({ data: null, errors: [{ message: 'queries come by POST', extensions: { code: 'INPUT_INVALID' } }] });
    }
  });
  fastify.addHook('onResponse', async (request, reply) => {
    logger.info(
      {
        correlation: request.id,
        method: request.method,
        route: request.routeOptions.url ?? 'none',
        status: reply.statusCode,
        milliseconds: Math.round(reply.elapsedTime),
      },
      'answered',
    );
  });
}

/** Answers errors of pages with pages; the log keeps what happened. */
function answerWithPages(fastify: FastifyInstance, logger: Logger): void {
  fastify.setErrorHandler(async (error: Error & { statusCode?: number }, request, reply) => {
    const refused = error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500 ? error.statusCode : 500;
    const status = error instanceof NotFound ? 404 : error instanceof DatabaseUnavailable ? 503 : refused;
    if (status === 503) void reply.header('retry-after', retryAfter);
    if (status >= 500) logger.error({ err: error, reference: request.id }, 'a page failed');
    const sentence =
      status === 429
        ? 'That was too often. Wait a minute and try again.'
        : status === 404
          ? 'There is nothing at this address.'
          : status === 503
            ? 'Tenure cannot reach its database. Try again in a minute.'
            : 'Something went wrong on our side or in what was sent. Try again; if it fails again, give your help desk this reference.';
    return sendPage(reply, status, errorPage(request.id, sentence));
  });
}
