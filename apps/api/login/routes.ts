import '@fastify/cookie';
import { type CompletedLogin, completeLogin, type ProvenLogin, recordRefusal, type UsedByLogin } from '@tenure/engine/login';
import { type LoginDemands, type LoginRefusal, LoginRefused, NotFound } from '@tenure/domain';
import { createAuthnRequest, newRequestId, serviceProviderMetadata } from '@tenure/federation';
import type { ActContext, Transaction } from '@tenure/store';
import { hashToken } from '@tenure/store';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { localPath } from './local-path.ts';
import { readWantedLogin } from './login-demands.ts';
import { createLoginRate, type LoginRate } from './login-rate.ts';
import type { LoginRouteDependencies } from './login-route-dependencies.ts';
import { type BegunLogin, loginCookieName, newBrowserSecret, readBegunLogins, writeBegunLogins } from './login-cookie.ts';
import { isOfOldPage, oldPage } from './old-page.ts';
import { newOidcSecrets } from './oidc-client.ts';
import { proveOidc } from './prove-oidc.ts';
import { rememberProvider } from './last-provider.ts';
import { proveSaml } from './prove-saml.ts';
import type { SamlProvider } from './providers.ts';
import { refusalPage, refusedLogoutPage } from './refusal-page.ts';
import { contextOf, registerLogoutRoutes } from './logout-routes.ts';
import { failureFor, wayBack } from './way-back.ts';

/** Milliseconds that a begun login waits for its answer. */
const requestLifetime = 10 * 60_000;
/** Maximum size of a form with a SAML response of 256 kB, in bytes. */
const bodyLimit = 400_000;

type ProviderRequest = FastifyRequest<{ Params: { provider: string }; Querystring: Record<string, string | undefined> }>;

/**
 * The endpoints of federation in. A login that fails shows the person a reference; the reason is in the audit under it. Relies on @fastify/cookie and
 * @fastify/rate-limit of the surrounding application.
 */
export function registerLoginRoutes(app: FastifyInstance, dependencies: LoginRouteDependencies): void {
  const { providers, clock, engine, keyring } = dependencies;
  const rate = createLoginRate(dependencies.subjectRateLimit);
  const config = { rateLimit: { max: dependencies.rateLimit, timeWindow: '1 minute' } };
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    // The answer to a login is for one browser alone.
    scope.addHook('onSend', async (_request, reply) => void reply.header('cache-control', 'no-store'));
    scope.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string', bodyLimit }, (_request, body, done) =>
      done(null, Object.fromEntries(new URLSearchParams(String(body)))),
    );

    scope.get('/saml/:provider/metadata', { config }, async (request: ProviderRequest, reply) => {
      const provider = known(providers.saml, request);
      const certificates = (await keyring.published('saml')).flatMap(({ certificate }) => certificate ?? []);
      const signsRequests = await isRequestSigned(provider, clock()).catch(() => false);
      return reply.type('application/samlmetadata+xml').send(serviceProviderMetadata(provider.serviceProvider, { signsRequests, certificates }));
    });

    scope.get('/saml/:provider/login', { config }, (request: ProviderRequest, reply) =>
      guarded(dependencies, request, reply, async (context) => {
        const provider = known(providers.saml, request);
        const { settings, metadata, serviceProvider } = provider;
        const { demands, hint } = readWantedLogin(request.query, context.now);
        const id = newRequestId();
        const returnTo = localPath(request.query['returnTo']) ?? '/me';
        const { redirectUrl } = createAuthnRequest({
          serviceProvider,
          provider: await metadata.current(context.now),
          relayState: returnTo.length <= 80 ? returnTo : null,
          id,
          demands,
          hint,
          key: (await isRequestSigned(provider, context.now)) ? (await keyring.signing('saml')).privateKey : null,
          now: context.now,
        });
        const linkId = await linkOf(dependencies, settings.name, request, context);
        await begin(dependencies, request, reply, context, { id, provider: settings.name, returnTo, nonce: null, verifier: null, linkId, demands });
        return reply.redirect(redirectUrl, 303);
      }),
    );

    scope.post(
      '/saml/:provider/acs',
      { config, bodyLimit },
      (request: FastifyRequest<{ Params: { provider: string }; Body: Record<string, string | undefined> }>, reply) =>
        guarded(dependencies, request as never, reply, async (context, uses) => {
          const provider = known(providers.saml, request as never);
          const { SAMLResponse: samlResponse, RelayState: relayState } = request.body ?? {};
          const begun = begunIn(request, engine.configuration.url);
          return end(
            { ...dependencies, rate },
            request,
            reply,
            context,
            await proveSaml(provider, { samlResponse, begun }, context, uses),
            localPath(relayState),
          );
        }),
    );

    scope.get('/oidc/:provider/login', { config }, (request: ProviderRequest, reply) =>
      guarded(dependencies, request, reply, async (context) => {
        const { settings, client } = known(providers.oidc, request);
        const { demands, hint } = readWantedLogin(request.query, context.now);
        const secrets = newOidcSecrets();
        const { force = false, passive = false, acr = [] } = demands ?? {};
        const url = await client.authorizationUrl(secrets, context.now, { force, passive, acr, hint });
        await begin(dependencies, request, reply, context, {
          id: secrets.state,
          provider: settings.name,
          returnTo: localPath(request.query['returnTo']) ?? '/me',
          nonce: secrets.nonce,
          verifier: secrets.verifier,
          linkId: await linkOf(dependencies, settings.name, request, context),
          demands,
        });
        return reply.redirect(url, 303);
      }),
    );

    scope.get('/oidc/:provider/callback', { config }, (request: ProviderRequest, reply) =>
      guarded(dependencies, request, reply, async (context, uses) => {
        const provider = known(providers.oidc, request);
        const callback = { url: request.url, state: request.query['state'], begun: begunIn(request, engine.configuration.url) };
        return end({ ...dependencies, rate }, request, reply, context, await proveOidc(dependencies, provider, callback, context, uses), null);
      }),
    );
    scope.get('/oidc/:provider/jwks', { config }, async (request: ProviderRequest, reply) => {
      known(providers.oidc, request);
      const keys = (await keyring.published('oidc')).map(({ id, algorithm, publicJwk }) => ({ ...publicJwk, kid: id, alg: algorithm, use: 'sig' }));
      return reply.type('application/jwk-set+json').send(JSON.stringify({ keys }));
    });
    registerLogoutRoutes(scope, dependencies, (request, reply, run) => guardedLogout(dependencies, request, reply, run));
  });

  const guarded = async (
    deps: LoginRouteDependencies,
    request: ProviderRequest,
    reply: FastifyReply,
    run: (context: ActContext, uses: (used: UsedByLogin) => void) => Promise<unknown>,
  ): Promise<unknown> => {
    const { provider } = request.params;
    const context: ActContext = { actor: { kind: 'source', id: provider.slice(0, 100) }, correlationId: request.id, now: clock() };
    // Used up by a request even if it is refused.
    let used: UsedByLogin | null = null;
    try {
      return await run(context, (by) => (used = by));
    } catch (error) {
      if (error instanceof NotFound) return refusalPage(reply, 404, context.correlationId);
      if (!(error instanceof LoginRefused)) throw error;
      // The error has the reason, with its causes; the logger leaves out their quotations.
      deps.logger.info({ provider, reason: error.reason, reference: context.correlationId, err: error }, 'a login was refused');
      deps.metrics?.loginRefused(provider, error.reason);
      const back = await wayBackOf(deps, request, error.reason, used, context);
      await recordRefusal(deps, error, provider, used, context);
      if (back !== null) return reply.redirect(back, 303);
      if (isOfOldPage(error.reason)) return oldPage(reply, context.correlationId);
      return refusalPage(reply, REFUSAL_STATUS[error.reason] ?? 403, context.correlationId);
    }
  };
}

/** Answers a browser with a message of logout: a refusal is logged under the reference that the person sees. */
async function guardedLogout(
  { clock, logger, metrics }: LoginRouteDependencies,
  request: ProviderRequest,
  reply: FastifyReply,
  run: (context: ActContext) => Promise<unknown>,
): Promise<unknown> {
  const { provider } = request.params;
  const context = contextOf(request, clock());
  try {
    return await run(context);
  } catch (error) {
    if (error instanceof NotFound) return refusalPage(reply, 404, context.correlationId);
    if (!(error instanceof LoginRefused)) throw error;
    logger.warn({ provider, reason: error.reason, reference: context.correlationId, err: error }, 'a logout message of a provider was refused');
    metrics?.loginRefused(provider, error.reason);
    return refusedLogoutPage(reply, REFUSAL_STATUS[error.reason] ?? 403, context.correlationId);
  }
}

const REFUSAL_STATUS: Readonly<Partial<Record<LoginRefusal, 429 | 502>>> = { 'provider-unreachable': 502, 'too-many-logins': 429 };

/** Address of the application's part for which a refused login was begun; `null`: the person sees the refusal. */
async function wayBackOf(
  { store }: LoginRouteDependencies,
  { query }: ProviderRequest,
  reason: LoginRefusal,
  used: UsedByLogin | null,
  { now }: ActContext,
): Promise<string | null> {
  const request = used?.request ?? null;
  if (request === null) {
    // Not begun yet: the provider does not answer, say. Whoever wants no page gets none.
    const returnTo = query['passive'] === 'true' ? localPath(query['returnTo']) : null;
    return returnTo === null ? null : wayBack(returnTo, 'failed');
  }
  const stored = await store.read((tx) => tx.sessions.begunLogin(request.id));
  if (stored === null || stored.browserHash !== hashToken(request.browserSecret) || stored.expiresAt <= now) return null;
  const failure = failureFor(reason, stored.demands ?? null);
  return failure === null ? null : wayBack(stored.returnTo, failure);
}

async function isRequestSigned({ settings, metadata }: SamlProvider, now: string): Promise<boolean> {
  return settings.signRequests ?? (await metadata.current(now)).wantsSignedRequests;
}

function known<T>(all: ReadonlyMap<string, T>, request: ProviderRequest): T {
  const found = all.get(request.params.provider);
  if (found === undefined) throw new NotFound('there is no such identity provider');
  return found;
}

/** Id of the valid session whose cookie a browser sends. */
async function shownSession(tx: Transaction, request: Pick<FastifyRequest, 'cookies'>, cookie: string, now: string): Promise<string | null> {
  const token = request.cookies[cookie];
  return token ? ((await tx.sessions.byToken(token, now))?.id ?? null) : null;
}

async function begin(
  { store, engine, sessionCookie }: LoginRouteDependencies,
  request: FastifyRequest,
  reply: FastifyReply,
  context: ActContext,
  begun: {
    id: string;
    provider: string;
    returnTo: string;
    nonce: string | null;
    verifier: string | null;
    linkId: string | null;
    demands: LoginDemands | null;
  },
): Promise<void> {
  const secret = newBrowserSecret();
  const expiresAt = new Date(Date.parse(context.now) + requestLifetime).toISOString();
  // Stored now: an answer that is posted from the provider's site comes without the cookie of the session.
  await store.transaction(context, async (tx) => {
    const replaces = await shownSession(tx, request, sessionCookie, context.now);
    await tx.sessions.beginLogin({ ...begun, replaces, browserHash: hashToken(secret), expiresAt });
  });
  setLoginCookie(reply, engine.configuration.url, [{ id: begun.id, secret }, ...begunIn(request, engine.configuration.url)]);
}

/**
 * One-time link with which a login is begun. Following it uses nothing up: a scanner that opens links of mails ahead of their reader logs in nowhere.
 */
async function linkOf({ store }: LoginRouteDependencies, provider: string, { query }: ProviderRequest, { now }: ActContext): Promise<string | null> {
  const token = query['link'];
  if (token === undefined) return null;
  const link = typeof token === 'string' ? await store.read((tx) => tx.loginLinks.look(token, now)) : null;
  if (link === null || link.provider !== provider) throw new LoginRefused('link-used', 'the one-time link does not exist, was used before, or has expired');
  return link.id;
}

function begunIn(request: Pick<FastifyRequest, 'cookies'>, url: string): readonly BegunLogin[] {
  return readBegunLogins(request.cookies[loginCookieName(url)]);
}

/** A SAML answer is a form posted from the provider's site, so this cookie has to travel across sites; browsers take that only with Secure. */
function setLoginCookie(reply: FastifyReply, url: string, logins: readonly BegunLogin[]): void {
  const options = {
    path: '/',
    httpOnly: true,
    secure: isTrustworthy(url),
    sameSite: isTrustworthy(url) ? ('none' as const) : ('lax' as const),
    maxAge: requestLifetime / 1000,
  };
  if (logins.length === 0) void reply.clearCookie(loginCookieName(url), options);
  else void reply.setCookie(loginCookieName(url), writeBegunLogins(logins), options);
}

/** True if browsers treat the address as secure: https or loopback. */
export function isTrustworthy(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]';
}

async function end(
  dependencies: LoginRouteDependencies & { readonly rate: LoginRate },
  request: FastifyRequest,
  reply: FastifyReply,
  context: ActContext,
  login: ProvenLogin,
  relayState: string | null,
): Promise<unknown> {
  const { url } = dependencies.engine.configuration;
  dependencies.rate.count(login.issuer, login.subject, context.now);
  const { sessionCookie } = dependencies;
  const replaces = request.cookies[sessionCookie] ? await dependencies.store.read((tx) => shownSession(tx, request, sessionCookie, context.now)) : null;
  const completed = await completeLogin(dependencies, { ...login, replaces }, context);
  warnOfLeftOut(dependencies, login.provider.name, completed, context);
  dependencies.logger.info(
    { provider: login.provider.name, identity: completed.identityId, isNew: completed.isNew, correlation: context.correlationId },
    'a login was accepted',
  );
  setLoginCookie(
    reply,
    url,
    begunIn(request, url).filter(({ id }) => id !== login.request?.id),
  );
  void reply.setCookie(dependencies.sessionCookie, completed.token, {
    path: '/',
    httpOnly: true,
    secure: isTrustworthy(url),
    sameSite: 'lax',
    expires: new Date(completed.expiresAt),
  });
  rememberProvider(reply, url, login.provider.name, isTrustworthy(url));
  return reply.redirect(completed.returnTo ?? relayState ?? '/me', 303);
}

/** Logs and counts claims that a login leaves out: kept claims may be access that the provider has removed, so its entry needs a check. */
function warnOfLeftOut(
  { logger, metrics }: LoginRouteDependencies,
  provider: string,
  { identityId: identity, leftOut: { kept, elsewhere } }: CompletedLogin,
  { correlationId: correlation }: ActContext,
): void {
  if (kept.length === 0 && elsewhere.length === 0) return;
  logger.warn({ provider, identity, kept, elsewhere, correlation }, 'a login left claims out: what the provider said before is kept');
  for (const kind of new Set([...kept, ...elsewhere].map((name) => (name === 'groups' || name === 'userType' ? name : 'attributes'))))
    metrics?.claimsLeftOut(provider, kind);
}
