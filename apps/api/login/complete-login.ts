import { isDeepStrictEqual } from 'node:util';
import type { Loop } from '@tenure/engine/decide';
import type { TakenRecord } from '@tenure/engine/intake';
import {
  askAboutLogin,
  closeLoginCases,
  decideWithout,
  endBindings,
  keysOfBoundLogin,
  keysOfLogin,
  mayEnter,
  settledBy,
  settledFor,
  tellLinked,
  useLoginLink,
} from '@tenure/engine/login';
import type { ProviderSettings } from '@tenure/config';
import { type Claims, type Instant, isPlainText, type LoginRefusal, LoginRefused } from '@tenure/domain';
import {
  type ActContext,
  type AnsweredLogin,
  type BoundSubject,
  hashToken,
  type KeysOfLogin,
  type LoginLink,
  type PendingLogin,
  type SessionBounds,
  type Store,
  type Transaction,
} from '@tenure/store';
import { type AssertedClaims, assertedClaims } from './asserted-claims.ts';
import { sessionEnd } from './session-end.ts';

/** A login that its protocol has proven: whoever stands at the browser is this issuer's subject. */
export interface ProvenLogin {
  readonly provider: ProviderSettings;
  readonly issuer: string;
  readonly subject: string;
  /** SAML: the format of the name identifier; `null`: OpenID Connect. */
  readonly nameIdFormat: string | null;
  readonly claims: Claims;
  /** The request that it answers, and the secret of the browser that made it; `null`: begun by the provider, where that is allowed. */
  readonly request: { readonly id: string; readonly browserSecret: string } | null;
  /** The session that the browser shows, which ends with this login. */
  readonly replaces?: string | null;
  /** For SAML: an assertion is used once. */
  readonly assertion: { readonly id: string; readonly notOnOrAfter: Instant } | null;
  /** When the provider's own session ends; absent and `null`: it does not say. */
  readonly sessionEnd?: Instant | null;
  /** True: the provider refused to return claims that its entry reads; absent: false. */
  readonly isPartial?: boolean;
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
  readonly leftOut: LeftOutClaims;
}

/** Names of what a login leaves out: attributes, `groups`, `userType`. */
export interface LeftOutClaims {
  /** Stays as the provider said it before. */
  readonly kept: readonly string[];
  /** The provider says that it has it elsewhere, such as more groups than a token may list. */
  readonly elsewhere: readonly string[];
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
  const answered = await tx.logins.take({ requestId: login.request?.id ?? null, assertion: login.assertion, issuer, subject }, now);
  const returnTo = checkRequest(answered, login);
  if (!answered.isFirstUse) throw new LoginRefused('assertion-replayed', 'this assertion was used before');
  const link = await useLink(tx, loop, answered, login);
  const { bound } = answered;
  if (bound !== null) {
    if (bound.provider !== provider.name) throw boundElsewhere(bound.identityId);
    if (link !== null && link.identityId !== bound.identityId) throw knownAsAnother(bound.identityId);
    if (!comesBackByLogin(bound)) await mustBeActive(tx, loop, bound.identityId, bound);
  }
  // Whoever is not known yet is known by what is said of them first: by less than that they might become somebody else.
  if (login.isPartial === true && bound === null)
    throw new LoginRefused('user-info-refused', 'the ID token lacks claims, and the userinfo endpoint refused the request');
  const said = asserted(loop, login);
  const repeated = bound === null || link !== null ? null : await repeat(tx, loop, login, answered, bound, said);
  if (repeated !== null) return { ...repeated, returnTo };
  const judged = bound === null ? { keys: keysOfLogin({ provider, ...said }) } : await stillTheSame(tx, loop, login, bound, said, link);
  if (judged instanceof LoginRefused) return judged;
  const taken = await loop.takeRecord(
    tx,
    {
      source: provider.name,
      externalId: `${issuer}|${subject}`,
      version: String(Date.parse(now)),
      facts: said.facts,
      groups: said.groups,
      status: null,
      endedAt: null,
      emailVerified: said.emailVerified,
      asserted: { userType: said.userType, leftOut: said.leftOut },
      boundTo: bound?.identityId ?? link?.identityId ?? null,
      login: { issuer, nameIdFormat: login.nameIdFormat },
    },
    'login',
  );
  // The case that was opened has to stay, so this refusal commits.
  if (taken.outcome === 'ambiguous')
    return new LoginRefused(refusalOf[taken.why ?? 'several'] ?? 'ambiguous', taken.message, { recordId: taken.recordId ?? '' });
  const { identityId, recordId } = taken;
  if (identityId === null || recordId === null) throw new LoginRefused('may-not-create', taken.message);
  if (link !== null && link.identityId !== identityId) throw knownAsAnother(identityId);
  await mustBeActive(tx, loop, identityId, taken.state === undefined ? null : { state: taken.state, next: null });

  const { keys } = judged;
  const doubt = taken.outcome === 'created' ? null : await doubtAbout(tx, loop, login, { identityId, recordId, keys, isBound: bound !== null, link });
  if (doubt !== null) return doubt;
  const bounds = sessionBounds(loop, login, now);
  const { expiresAt } = bounds;
  const known = { issuer, subject, provider: provider.name, identityId, boundAt: now, lastLoginAt: now, nameIdFormat: login.nameIdFormat, keys };
  const admitted = await tx.logins.admit(
    known,
    bounds,
    mayRepeat(login, taken, said, link) ? { ...settledBy(loop.configuration, { ...login, said }, now), recordId } : null,
  );
  if (admitted === null) throw boundElsewhere(identityId);
  const { session, token } = admitted;
  const personal = { issuer, subject };
  if (admitted.bound) {
    const by = taken.linkedBy ?? (link !== null ? 'link' : taken.outcome === 'created' ? 'created' : 'decision');
    tx.audit.record({
      action: 'login.bound',
      subjectKind: 'identity',
      subjectId: identityId,
      identityId,
      reason: { provider: provider.name, by },
      personal,
    });
    if (by !== 'created') await tellLinked(tx, loop, { identityId, provider: provider.name, sessionId: session.id, isByHand: taken.linkedBy === null });
  }
  if (bound?.pending != null || (admitted.bound && taken.outcome !== 'created')) await closeLoginCases(tx, recordId, 'answered itself: the login was let in');
  await accept(tx, login, answered, { sessionId: session.id, identityId, recordId, outcome: taken.outcome });
  const leftOut = { kept: taken.kept ?? [], elsewhere: said.elsewhere };
  await auditLeftOut(tx, login, taken, leftOut);
  return { token, expiresAt, identityId, isNew: taken.outcome === 'created', returnTo, leftOut };
}

interface Accepted {
  readonly sessionId: string;
  readonly identityId: string;
  readonly recordId: string;
  readonly outcome: TakenRecord['outcome'];
}

async function accept(
  tx: Transaction,
  { provider, issuer, subject, replaces }: ProvenLogin,
  { request }: AnsweredLogin,
  { sessionId, identityId, recordId, outcome }: Accepted,
): Promise<void> {
  tx.audit.record({
    action: 'login.accepted',
    subjectKind: 'session',
    subjectId: sessionId,
    identityId,
    reason: { provider: provider.name, recordId, outcome },
    personal: { issuer, subject },
  });
  for (const before of new Set([replaces, request?.replaces])) if (before != null) await endReplaced(tx, before);
}

/** The login of every day: it says what the last one said, and nothing has changed since, so that nothing is decided. @returns `null`: it is to be decided */
async function repeat(
  tx: Transaction,
  loop: Loop,
  login: ProvenLogin,
  answered: AnsweredLogin,
  bound: BoundSubject,
  said: AssertedClaims,
): Promise<Omit<CompletedLogin, 'returnTo'> | null> {
  const { issuer, subject } = login;
  const { identityId, recordId } = bound;
  const { now } = tx.context;
  const settled = login.isPartial === true ? null : settledFor(loop.configuration, bound, { ...login, said }, now);
  if (settled === null || recordId === null) return null;
  const bounds = sessionBounds(loop, login, now);
  const opened = await tx.logins.repeat({ issuer, subject, bound, recordId, settled }, bounds, now);
  if (opened === null) return null;
  await accept(tx, login, answered, { sessionId: opened.session.id, identityId, recordId, outcome: 'updated' });
  return { token: opened.token, expiresAt: bounds.expiresAt, identityId, isNew: false, leftOut: { kept: [], elsewhere: [] } };
}

/**
 * Whether the same login again may be let in without a decision. One that leaves out what is kept is warned of each time; the kind of person is kept
 * from the first login on.
 */
function mayRepeat(
  { isPartial = false }: ProvenLogin,
  { isSettled = false, kept = [] }: TakenRecord,
  { elsewhere, leftOut }: AssertedClaims,
  link: LoginLink | null,
): boolean {
  return isSettled && !isPartial && link === null && kept.length === 0 && !leftOut.userType && elsewhere.length === 0;
}

function sessionBounds({ configuration: { session } }: Loop, { sessionEnd: end = null }: ProvenLogin, now: Instant): SessionBounds {
  return { expiresAt: sessionEnd(now, session.lifetime, end), idleSeconds: Math.floor(session.idle / 1000) };
}

function asserted(loop: Loop, { provider, claims, isPartial = false }: ProvenLogin): AssertedClaims {
  return assertedClaims(loop, provider, claims, !isPartial);
}

/** Whatever absence keeps could be access that the provider has taken away. Where each login leaves out the same, the first one says it. */
async function auditLeftOut(
  tx: Transaction,
  { provider, isPartial = false }: ProvenLogin,
  { identityId, recordId }: TakenRecord,
  { kept, elsewhere }: LeftOutClaims,
): Promise<void> {
  if (kept.length === 0 && elsewhere.length === 0) return;
  const reason = { provider: provider.name, kept, elsewhere, ...(isPartial ? { isUserInfoRefused: true } : {}) };
  const action = 'login.claimsLeftOut';
  const subjectId = recordId ?? '';
  const [last] = await tx.audit.page({ subjectId, action }, 1, null);
  if (last === undefined || !isDeepStrictEqual(last.reason, reason)) tx.audit.record({ action, subjectKind: 'record', subjectId, identityId, reason });
}

/** One browser has one session: whoever had the one before could go on with it unseen. */
async function endReplaced(tx: Transaction, sessionId: string): Promise<void> {
  const why = 'a new login in the same browser';
  for (const { id, kind, identityId } of await tx.sessions.revoke(sessionId, why, tx.context.now))
    if (kind === 'session') tx.audit.record({ action: 'session.ended', subjectKind: 'session', subjectId: id, identityId, reason: { why } });
}

/** Reasons, as the audit and metrics know them, why a login is a question whose it is. */
const refusalOf: Readonly<Record<string, LoginRefusal>> = {
  privileged: 'link-to-privileged',
  bound: 'link-to-bound',
  'not-vouched': 'link-not-vouched',
  'another-subject': 'another-subject',
};

/** The one-time link that a login was begun with, used up; where the login is refused after all, it stays good. */
async function useLink(tx: Transaction, loop: Loop, { request }: AnsweredLogin, { provider }: ProvenLogin): Promise<LoginLink | null> {
  if (request?.linkId == null) return null;
  const link = await useLoginLink(tx, loop, request.linkId);
  if (link === null || link.provider !== provider.name) throw new LoginRefused('link-used', 'the one-time link was used before, or has expired');
  return link;
}

/** Checks that a bound subject still belongs to the same person. @returns its correlation keys; or a refusal, with the keys stored for a decision */
async function stillTheSame(
  tx: Transaction,
  loop: Loop,
  { provider, issuer, subject, nameIdFormat }: ProvenLogin,
  { identityId, recordId, said: before, nameIdFormat: formatBefore }: BoundSubject,
  { facts, emailVerified }: ReturnType<typeof asserted>,
  link: LoginLink | null,
): Promise<{ readonly keys: KeysOfLogin } | LoginRefused> {
  const { keys, changed, isSame } = await keysOfBoundLogin(tx, loop.configuration, { provider, identityId, facts, emailVerified, before });
  const isOtherFormat = formatBefore !== null && nameIdFormat !== null && formatBefore !== nameIdFormat && !isSame;
  if (link !== null || (changed.length === 0 && !isOtherFormat)) return { keys };
  const why: PendingLogin['why'] = changed.length > 0 ? 'keys-changed' : 'name-id-format-changed';
  await tx.logins.setPending({ issuer, subject }, { why, keys, nameIdFormat });
  if (recordId !== null) await askAboutLogin(tx, { recordId, identityId, provider: provider.name, why, changed });
  return new LoginRefused(why, `a bound subject has changed: ${changed.join(', ') || 'the format of its name identifier'}`, { identityId });
}

interface FoundPerson {
  readonly identityId: string;
  readonly recordId: string;
  readonly keys: KeysOfLogin;
  readonly isBound: boolean;
  readonly link: LoginLink | null;
}

/** Refusal of a login whose effects are decided: another subject is bound, or rights in Tenure are unconfirmed; `null`: the session may open. */
async function doubtAbout(
  tx: Transaction,
  loop: Loop,
  { provider, issuer, subject, nameIdFormat }: ProvenLogin,
  { identityId, recordId, keys, isBound, link }: FoundPerson,
): Promise<LoginRefused | null> {
  const about = { recordId, identityId, provider: provider.name };
  // Its own first login may have come by two ways at once, and the other was faster.
  const others = isBound && link === null ? [] : (await tx.identities.subjectsOf(identityId)).filter((one) => one.provider === provider.name);
  if (others.some((one) => one.issuer !== issuer || one.subject !== subject)) {
    if (link === null) {
      await askAboutLogin(tx, { ...about, why: 'another-subject' });
      return new LoginRefused('another-subject', 'another subject of this provider is bound to the identity that was found', { identityId });
    }
    await endBindings(tx, { identityId, provider: provider.name, keep: recordId, why: 'rebound', reason: null });
    await decideWithout(tx, loop, identityId);
  }
  if (link !== null) {
    await tx.logins.confirm(about, link.createdBy, tx.context.now);
    return null;
  }
  if (await mayEnter(tx, loop, provider, identityId, recordId)) return null;
  if (isBound) await tx.logins.setPending({ issuer, subject }, { why: 'rights-unconfirmed', keys, nameIdFormat });
  await askAboutLogin(tx, { ...about, why: 'rights-unconfirmed' });
  return new LoginRefused('rights-unconfirmed', 'the person has rights in Tenure, and no administrator has confirmed this login', { identityId });
}

/** Only the browser that began a login can end it, once, and with the provider that it was begun with. @returns where it wants to go */
function checkRequest({ request: begun }: AnsweredLogin, { request, provider }: ProvenLogin): string | null {
  if (request === null) return null;
  if (begun === null) throw new LoginRefused('request-unknown', 'the login request is unknown, was answered before, or has run out');
  if (begun.provider !== provider.name) throw new LoginRefused('request-of-another-provider', 'the login was begun with another provider');
  if (begun.browserHash !== hashToken(request.browserSecret)) throw new LoginRefused('request-of-another-browser', 'the login was begun in another browser');
  return begun.returnTo;
}

/**
 * Judged on what is known without the login's own word: a provider cannot talk somebody back in.
 * @param known where the life stands, when that was just read or decided
 */
async function mustBeActive(tx: Transaction, loop: Loop, identityId: string, known: Pick<BoundSubject, 'state' | 'next'> | null): Promise<void> {
  const { state: stored, next } = known ?? (await standing(tx, identityId));
  const isStale = next !== null && next.at <= tx.context.now;
  const state = isStale ? (await loop.decide(tx, identityId, 'login')).state : stored;
  if (state === 'active') return;
  throw new LoginRefused(state === 'pre-hire' ? 'not-started' : state === 'suspended' ? 'suspended' : 'life-ended', `the person is ${state ?? 'unknown'}`, {
    identityId,
  });
}

/** Whom nothing was heard of, and whom policy lets come back by just this: what the login leads to is judged once it is known. */
function comesBackByLogin({ state, inactivity }: BoundSubject): boolean {
  return state === 'suspended' && inactivity?.standing === 'disabled' && inactivity.reactivate === 'login';
}

async function standing(tx: Transaction, identityId: string): Promise<{ state: BoundSubject['state'] | undefined; next: BoundSubject['next'] }> {
  const stored = await tx.identities.get(identityId);
  return { state: stored?.state, next: stored?.lifecycle?.next ?? null };
}

function boundElsewhere(identityId: string): LoginRefused {
  return new LoginRefused('subject-of-another-provider', 'this subject is bound through another provider', { identityId });
}

function knownAsAnother(identityId: string): LoginRefused {
  return new LoginRefused('already-bound', 'this login is bound to another person than the one-time link', { identityId });
}
