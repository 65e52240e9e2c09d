import type { OidcApplicationSettings } from '@tenure/config';
import { actorOf } from '@tenure/engine/callers';
import { logOutFromApplication } from '@tenure/engine/applications';
import { OPENID_PATH } from '@tenure/federation';
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify';
import type { Provider } from 'oidc-provider';
import { sessionCookieName } from '../../access/credential.ts';
import { formToken, isFormToken } from '../../access/cross-site.ts';
import type { RequestSession } from '../../access/session-of-request.ts';
import { isTrustworthy } from '../../login/routes.ts';
import { sendPage } from '../../pages/me/routes.ts';
import { errorPage } from '../../pages/signed-out-page.ts';
import { claimsOfJwt } from './claims-of-jwt.ts';
import type { CurrentProvider } from './follow-keys.ts';
import { letFormLeadTo } from './form-action.ts';
import { loggedOutPage, logoutPage } from './logout-page.ts';
import { clientsOf, type OpenidDependencies } from './provider-dependencies.ts';

/** A logout that an application asks for, checked. */
interface LogoutRequest {
  /** `null`: the request names none. */
  readonly application: OidcApplicationSettings | null;
  /** Registered address to return to, with the application's state; `null`: none. */
  readonly returnTo: string | null;
  /** `sid` of the ID token that came with it; `null`: none came. */
  readonly sid: string | null;
}

/** Why a logout is refused: words for the person. Nobody is sent anywhere. */
class LogoutRefused extends Error {}

/**
 * Registers logout at the request of an application (OpenID Connect RP-Initiated Logout 1.0). Whoever sends an ID token of the session that the browser
 * shows proves that it comes from the application of this person; in any other case the person is asked, since another site could end their session.
 */
export function registerLogout(scope: FastifyInstance, dependencies: OpenidDependencies, current: CurrentProvider, options: RouteShorthandOptions): void {
  const { readSession, store, configuration } = dependencies;
  const clients = clientsOf(dependencies);
  const path = `${OPENID_PATH}/session/end`;

  const answer = async (request: FastifyRequest, reply: FastifyReply, given: URLSearchParams): Promise<unknown> => {
    const asked = await check((await current()).provider, clients, given);
    const found = await readSession(request);
    if (found === null) return leave(reply, asked);
    if (asked.application !== null && asked.sid !== null) {
      const { application, sid } = asked;
      const session = await store.read((tx) => tx.applicationSessions.byIndex(application.name, sid));
      if (session !== null && session.parentId === found.session.id) return end(request, reply, found, asked);
    }
    const policy = reply.raw.getHeader('content-security-policy') ?? reply.getHeader('content-security-policy');
    // The answer to its form redirects there, which browsers take for a part of the form's way.
    if (asked.returnTo !== null && typeof policy === 'string') void reply.header('content-security-policy', letFormLeadTo(policy, asked.returnTo));
    const passedOn = asked.returnTo === null ? [] : ['post_logout_redirect_uri', 'state'];
    const fields = passedOn.flatMap((name) => (given.get(name) === null ? [] : [[name, given.get(name) ?? ''] as const]));
    const named = asked.application === null ? [] : [['client_id', asked.application.clientId] as const];
    return sendPage(reply, 200, logoutPage(`${path}/confirm`, asked.application?.title ?? null, [...fields, ...named, ['token', formToken(found.token)]]));
  };
  const guarded =
    (handler: (request: FastifyRequest, reply: FastifyReply, given: URLSearchParams) => Promise<unknown>) =>
    async (request: FastifyRequest, reply: FastifyReply) => {
      const given = new URLSearchParams(request.method === 'GET' ? request.url.split('?')[1] : typeof request.body === 'string' ? request.body : '');
      try {
        return await handler(request, reply, given);
      } catch (error) {
        if (!(error instanceof LogoutRefused)) throw error;
        dependencies.logger.info({ reference: request.id, reason: error.message }, 'a logout of an application was refused');
        return sendPage(reply, 400, errorPage(request.id, error.message));
      }
    };
  scope.get(path, options, guarded(answer));
  scope.post(path, options, guarded(answer));
  scope.post(
    `${path}/confirm`,
    options,
    guarded(async (request, reply, given) => {
      const asked = await check((await current()).provider, clients, given);
      const found = await readSession(request);
      if (found === null) return leave(reply, asked);
      if (!isFormToken(found.token, given.get('token'))) throw new LogoutRefused('This did not come from our own page. Go back and log out there.');
      return end(request, reply, found, asked);
    }),
  );

  /** Ends the session in Tenure, and with it those at all applications; the one that asked needs no notice. */
  const end = async (request: FastifyRequest, reply: FastifyReply, { session, caller }: RequestSession, asked: LogoutRequest): Promise<unknown> => {
    const act = { actor: actorOf(caller), correlationId: request.id, now: dependencies.clock() };
    const from = asked.application === null ? null : { application: asked.application.name, sessionIndex: asked.sid };
    await store.transaction(act, (tx) => logOutFromApplication(tx, { identityId: session.identityId, sessionId: session.id, from }));
    void reply.clearCookie(sessionCookieName(configuration.url), { path: '/', httpOnly: true, secure: isTrustworthy(configuration.url), sameSite: 'lax' });
    return leave(reply, asked);
  };
}

function leave(reply: FastifyReply, { returnTo, application }: LogoutRequest): unknown {
  return returnTo === null ? sendPage(reply, 200, loggedOutPage(application?.title ?? null)) : reply.redirect(returnTo, 303);
}

/** @throws LogoutRefused */
async function check(provider: Provider, clients: ReadonlyMap<string, OidcApplicationSettings>, given: URLSearchParams): Promise<LogoutRequest> {
  const [hint, uri, state] = ['id_token_hint', 'post_logout_redirect_uri', 'state'].map((name) => given.get(name));
  if ([...given.keys()].some((name) => given.getAll(name).length > 1)) throw new LogoutRefused('The application sent a value twice. Turn to its owner.');
  const payload = hint ? claimsOfJwt(hint) : null;
  const named = given.get('client_id') ?? (typeof payload?.['aud'] === 'string' ? payload['aud'] : null);
  const application = named === null ? null : (clients.get(named) ?? null);
  if (named !== null && application === null) throw new LogoutRefused('The application that sent you here is not known to Tenure. Turn to its owner.');
  if (hint && application !== null) {
    const client = await provider.Client.find(application.clientId);
    const isValid = client !== undefined && (await provider.IdToken.validate(hint, client).then(...SETTLED));
    if (!isValid || payload?.['aud'] !== application.clientId)
      throw new LogoutRefused('The application sent an ID token that is not its own. Turn to its owner.');
  }
  if (uri && application !== null && !application.postLogoutRedirectUris.includes(uri))
    throw new LogoutRefused(
      'The application wants you to return to an address that is not registered for it. Ask its owner to compare it with postLogoutRedirectUris of its entry.',
    );
  const returnTo = uri && application !== null ? new URL(uri) : null;
  if (returnTo !== null && state) returnTo.searchParams.set('state', state);
  return { application, returnTo: returnTo?.href ?? null, sid: typeof payload?.['sid'] === 'string' ? payload['sid'] : null };
}

const SETTLED = [() => true, () => false] as const;
