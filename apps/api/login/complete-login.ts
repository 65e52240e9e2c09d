import type { Loop } from '@tenure/activities';
import type { ProviderSettings } from '@tenure/config';
import {
  type Claims,
  claimGroups,
  claimHolds,
  compileClaims,
  type Facts,
  type Instant,
  InputInvalid,
  isPlainText,
  LoginRefused,
  mapClaims,
} from '@tenure/domain';
import { type ActContext, hashToken, type Store, type Transaction } from '@tenure/store';

/** A login that its protocol has proven: whoever stands at the browser is this issuer's subject. */
export interface ProvenLogin {
  readonly provider: ProviderSettings;
  readonly issuer: string;
  readonly subject: string;
  readonly claims: Claims;
  /** The request that it answers, and the secret of the browser that made it; `null`: begun by the provider, where that is allowed. */
  readonly request: { readonly id: string; readonly browserSecret: string } | null;
  /** For SAML: an assertion is used once. */
  readonly assertion: { readonly id: string; readonly notOnOrAfter: Instant } | null;
}

export interface LoginDependencies {
  readonly store: Store;
  readonly loop: Loop;
}

export interface CompletedLogin {
  /** The session's token, for the cookie. */
  readonly token: string;
  readonly expiresAt: Instant;
  readonly identityId: string;
  readonly isNew: boolean;
  /** A path of ours, as the browser asked when it began. */
  readonly returnTo: string | null;
}

/**
 * The login itself: bind, merge, decide, open a session, in one database transaction. Temporal hears of it afterwards.
 * @throws LoginRefused; what the login asserted is then not kept, and the request and the assertion are used up all the same
 */
export async function completeLogin({ store, loop }: LoginDependencies, login: ProvenLogin, context: ActContext): Promise<CompletedLogin> {
  const result = await store.transaction(context, (tx) => admit(tx, loop, login));
  if (result instanceof LoginRefused) throw result;
  return result;
}

/** Writes down that a login was refused, and uses up what it answered. */
export async function recordRefusal(
  { store }: LoginDependencies,
  refused: LoginRefused,
  provider: string,
  login: Pick<ProvenLogin, 'issuer' | 'request' | 'assertion'> | null,
  context: ActContext,
): Promise<void> {
  await store.transaction(context, async (tx) => {
    if (login?.request) await tx.sessions.takeLogin(login.request.id, context.now);
    if (login?.assertion) await tx.sessions.consumeAssertion(login.issuer, login.assertion.id, login.assertion.notOnOrAfter);
    tx.audit.record({
      action: 'login.refused',
      subjectKind: 'login',
      subjectId: context.correlationId,
      identityId: null,
      reason: { provider, reason: refused.reason, ...refused.details },
    });
  });
}

async function admit(tx: Transaction, loop: Loop, login: ProvenLogin): Promise<CompletedLogin | LoginRefused> {
  const { provider, issuer, subject } = login;
  const { now } = tx.context;
  // It would come back from the database as somebody else's.
  if (!isPlainText(subject)) throw new LoginRefused('malformed', 'the subject holds something that is no text');
  const returnTo = await takeRequest(tx, login);
  if (login.assertion && !(await tx.sessions.consumeAssertion(issuer, login.assertion.id, login.assertion.notOnOrAfter))) {
    throw new LoginRefused('assertion-replayed', 'this assertion was used before');
  }
  const bound = await tx.identities.subject(issuer, subject);
  if (bound !== null) {
    if (bound.provider !== provider.name)
      throw new LoginRefused('subject-of-another-provider', 'this subject is bound through another provider', { identityId: bound.identityId });
    await mustBeActive(tx, loop, bound.identityId);
  }
  const { facts, emailVerified, groups } = asserted(loop, login);
  const taken = await loop.takeRecord(
    tx,
    {
      source: provider.name,
      externalId: `${issuer}|${subject}`,
      version: String(Date.parse(now)),
      facts,
      groups,
      status: null,
      endedAt: null,
      emailVerified,
      claims: login.claims,
      boundTo: bound?.identityId ?? null,
    },
    'login',
  );
  // The case that was opened has to stay, so this refusal commits.
  if (taken.outcome === 'ambiguous') return new LoginRefused('ambiguous', taken.message, { recordId: taken.recordId ?? '' });
  if (taken.identityId === null) throw new LoginRefused('may-not-create', taken.message);
  const { identityId } = taken;
  await mustBeActive(tx, loop, identityId);

  if (bound === null) await bind(tx, login, identityId, taken.linkedBy);
  else await tx.identities.touchSubject(issuer, subject, now);
  const expiresAt = new Date(Date.parse(now) + loop.configuration.session.lifetime).toISOString();
  const { session, token } = await tx.sessions.open(identityId, provider.name, now, expiresAt);
  tx.audit.record({
    action: 'login.accepted',
    subjectKind: 'session',
    subjectId: session.id,
    identityId,
    reason: { provider: provider.name, recordId: taken.recordId, outcome: taken.outcome },
    personal: { issuer, subject },
  });
  return { token, expiresAt, identityId, isNew: taken.outcome === 'created', returnTo };
}

/** Only the browser that began a login can end it, once, and with the provider that it was begun with. */
async function takeRequest(tx: Transaction, { request, provider }: ProvenLogin): Promise<string | null> {
  if (request === null) return null;
  const begun = await tx.sessions.takeLogin(request.id, tx.context.now);
  if (begun === null) throw new LoginRefused('request-unknown', 'the login request is unknown, was answered before, or has run out');
  if (begun.provider !== provider.name) throw new LoginRefused('request-of-another-provider', 'the login was begun with another provider');
  if (begun.browserHash !== hashToken(request.browserSecret)) throw new LoginRefused('request-of-another-browser', 'the login was begun in another browser');
  return begun.returnTo;
}

/** Judged on what is known without the login's own word: a provider cannot talk somebody back in. */
async function mustBeActive(tx: Transaction, loop: Loop, identityId: string): Promise<void> {
  const stored = await tx.identities.get(identityId);
  const isStale = stored?.lifecycle?.next != null && stored.lifecycle.next.at <= tx.context.now;
  const state = isStale ? (await loop.decide(tx, identityId, 'login')).state : stored?.state;
  if (state === 'active') return;
  throw new LoginRefused(state === 'pre-hire' ? 'not-started' : state === 'suspended' ? 'suspended' : 'life-ended', `the person is ${state ?? 'unknown'}`, {
    identityId,
  });
}

function asserted(loop: Loop, { provider, claims }: ProvenLogin): { facts: Facts; emailVerified: boolean; groups: readonly string[] | null } {
  try {
    const facts = mapClaims(compileClaims(provider.attributes, loop.configuration.attributes), claims);
    return {
      facts,
      emailVerified: provider.emailVerified !== null && claimHolds(provider.emailVerified, claims),
      groups: provider.groups === null ? null : claimGroups(provider.groups, claims),
    };
  } catch (error) {
    if (error instanceof InputInvalid) throw new LoginRefused('claims-invalid', error.message, error.details, { cause: error });
    throw error;
  }
}

/** One person has one subject at a provider. A second one that claims the same number or address is a question, not a link. */
async function bind(tx: Transaction, { provider, issuer, subject }: ProvenLogin, identityId: string, linkedBy: string | null): Promise<void> {
  const others = await tx.identities.subjectsOf(identityId);
  if (others.some((other) => other.provider === provider.name)) {
    throw new LoginRefused('already-bound', 'another subject of this provider is bound to the identity that was found', { identityId });
  }
  const { now } = tx.context;
  await tx.identities.bindSubject({ issuer, subject, provider: provider.name, identityId, boundAt: now, lastLoginAt: now });
  tx.audit.record({
    action: 'login.bound',
    subjectKind: 'identity',
    subjectId: identityId,
    identityId,
    reason: { provider: provider.name, by: linkedBy ?? 'created' },
    personal: { issuer, subject },
  });
}
