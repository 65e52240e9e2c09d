import { OPENID_PATH } from '@tenure/federation';
import type { OidcApplicationSettings } from '@tenure/config';
import type { EntryRefusal } from '@tenure/domain';
import type { Session } from '@tenure/store';
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify';
import type { InteractionResults, Provider } from 'oidc-provider';
import { entryRefusalPage } from '../../pages/applications/entry-refusal-page.ts';
import { sendPage } from '../../pages/me/routes.ts';
import { errorPage } from '../../pages/signed-out-page.ts';
import { claimsOfJwt } from './claims-of-jwt.ts';
import { errorSentence } from './error-sentence.ts';
import type { CurrentProvider } from './follow-keys.ts';
import { ENTRY, listOf } from './login-prompts.ts';
import { clientsOf, type OpenidDependencies } from './provider-dependencies.ts';
import { authTime } from './sessions-of-tenure.ts';

/** Seconds by which the clock of a source may differ from ours. */
const SKEW = 60;

type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>;
type InteractionRequest = FastifyRequest<{ Params: { uid: string }; Querystring: { answer?: string; error?: string } }>;

/**
 * Registers the route between a request that waits for its person and the login. It is asked before the login and after it; where another session than
 * that with which the request came does not satisfy it either, an error is the answer, so that nobody goes in a circle.
 */
export function registerInteraction(scope: FastifyInstance, dependencies: OpenidDependencies, current: CurrentProvider, options: RouteShorthandOptions): void {
  const { readSession } = dependencies;
  const clients = clientsOf(dependencies);
  scope.get(`${OPENID_PATH}/interaction/:uid`, options, async (given, reply) => {
    const request = given as InteractionRequest;
    const { provider } = await current();
    const details = await begun(provider, request, reply);
    if (details === null) return sendPage(reply, 400, errorPage(request.id, errorSentence('session_not_found')));
    const finish = async (result: InteractionResults): Promise<unknown> => {
      const returnTo = await provider.interactionResult(request.raw, reply.raw, result, { mergeWithLastSubmission: false });
      return reply.redirect(returnTo, 303);
    };
    const application = clients.get(String(details.params['client_id']));
    if (application === undefined) return sendPage(reply, 400, errorPage(request.id, errorSentence('invalid_client')));
    if (details.prompt.name === ENTRY) {
      if (request.query.answer === 'back') return finish({ error: 'access_denied', error_description: 'the person may not use this application' });
      const found = await readSession(request);
      if (found === null) return sendPage(reply, 400, errorPage(request.id, errorSentence('session_not_found')));
      const refused = { application: application.name, identityId: found.session.identityId, reason: details.prompt.details['reason'] as EntryRefusal };
      const back = `${OPENID_PATH}/interaction/${details.uid}?answer=back`;
      return sendPage(reply, 403, await entryRefusalPage(dependencies, { ...refused, reference: request.id, sessionToken: found.token, back }));
    }
    const { reasons } = details.prompt;
    const unmet = reasons.some((reason) => reason.startsWith('essential_acr')) ? 'unmet_authentication_requirements' : 'login_required';
    const refuse = () => finish({ error: unmet, error_description: 'the login did not satisfy the request' });
    if (details.lastSubmission?.login !== undefined) return refuse();
    const session = (await readSession(request))?.session ?? null;
    const { error } = request.query;
    const isWish = reasons.every((reason) => reason === 'acr_values' || reason === 'no_session');
    // A login that came back refused for a wish goes on without it; anything else is told to the application.
    if (error !== undefined && (error !== 'no-authn-context' || !isWish)) return refuse();
    const needsNew = error === undefined && reasons.some((reason) => reason !== 'no_session');
    if (session === null || (needsNew && session.id === details.session?.cookie))
      return reply.redirect(loginAddress(application.name, details, error === undefined ? 'as-asked' : 'without-wishes'), 303);
    if (!satisfies(session, details) || !(await isHinted(dependencies, application, session, details))) return refuse();
    const acr = session.acr === null ? {} : { acr: session.acr };
    return finish({ login: { accountId: session.identityId, ts: authTime(session), remember: false, ...acr } });
  });
}

/** The begun request of this browser; `null`: it has expired, or another browser has begun it. */
async function begun(provider: Provider, { raw, params }: InteractionRequest, reply: FastifyReply): Promise<Interaction | null> {
  const details = await provider.interactionDetails(raw, reply.raw).catch((error: unknown) => {
    if (error instanceof Error && error.name === 'SessionNotFound') return null;
    throw error;
  });
  return details?.uid === params.uid ? details : null;
}

/** True if the authentication is as new as the request demands. What the source did not state cannot be proved. */
function satisfies({ authenticatedAt }: Session, { prompt: { reasons }, params, iat }: Interaction): boolean {
  const at = authenticatedAt === null ? null : Date.parse(authenticatedAt) / 1_000;
  if (reasons.includes('login_prompt') && (at === null || at < (iat ?? 0) - SKEW)) return false;
  if (params['max_age'] !== undefined && (at === null || Date.now() / 1_000 - at > Number(params['max_age']) + SKEW)) return false;
  return true;
}

/** True if the request names no person by an ID token, or names this one. The library has verified the token, and compares it before a login only. */
async function isHinted(
  { store }: OpenidDependencies,
  { name, subject }: OidcApplicationSettings,
  { identityId }: Session,
  { params }: Interaction,
): Promise<boolean> {
  if (typeof params['id_token_hint'] !== 'string') return true;
  const hinted = String(claimsOfJwt(params['id_token_hint'])?.['sub']);
  if (subject === 'email') return (await store.read((tx) => tx.identities.get(identityId)))?.attributes['email']?.value === hinted;
  return (await store.read((tx) => tx.applicationPeople.withSubject(name, hinted))) === identityId;
}

/** Address of the login with what the request demands. */
function loginAddress(application: string, { uid, prompt: { reasons }, params }: Interaction, how: 'as-asked' | 'without-wishes'): string {
  const query = new URLSearchParams({ returnTo: `${OPENID_PATH}/interaction/${uid}`, application });
  const acr = [...listOf(params['acr_values']), ...essentialAcrs(params['claims'])];
  if (reasons.some((reason) => ['login_prompt', 'max_age', 'unknown_age', 'id_token_hint', 'claims_id_token_sub_value'].includes(reason)))
    query.set('force', 'true');
  if (acr.length > 0 && how === 'as-asked') query.set('acr', [...new Set(acr)].join(' '));
  if (typeof params['login_hint'] === 'string') query.set('hint', params['login_hint']);
  return `/login?${query.toString()}`;
}

/** Values of `acr` that the parameter `claims` demands (OpenID Connect Core section 5.5.1.1). */
function essentialAcrs(claims: unknown): readonly string[] {
  if (typeof claims !== 'string') return [];
  const acr = (JSON.parse(claims) as { id_token?: { acr?: { value?: unknown; values?: unknown } | null } }).id_token?.acr;
  return [acr?.value, ...(Array.isArray(acr?.values) ? acr.values : [])].filter((value) => typeof value === 'string');
}
