import { firstNo, type LoginCheck, LoginRefused } from '@tenure/domain';
import type { AnsweredLogin, BoundSubject, LoginLink, Transaction } from '@tenure/store';
import { loginMappingOf } from '../../intake/claim-mappings.ts';
import type { Engine } from '../../decide/engine.ts';
import type { TakenRecord } from '../../intake/taken-record.ts';
import { type KeysOfBoundLogin, keysOfBoundLogin, keysOfLogin } from '../changed-keys.ts';
import { askAboutLogin, closeLoginCases } from '../login-case.ts';
import { useLoginLink } from '../login-link.ts';
import { settledBy } from '../settled-login.ts';
import { tellLinked } from '../tell-linked.ts';
import { accept, auditLeftOut } from './audit-login.ts';
import { LOGIN_CHECKS } from './checks/index.ts';
import type { Refusal } from './checks/refusal.ts';
import { boundElsewhere } from './checks/subject-is-of-provider.ts';
import { entering, type FoundPerson, useVouching } from './enter.ts';
import { comesBackByLogin, stateNow } from './person-state.ts';
import type { CompletedLogin, ProvenLogin } from './proven-login.ts';
import { type AssertedClaims, readClaims } from './read-claims.ts';
import { mayRepeat, repeatLogin } from './repeat-login.ts';
import { sessionBounds } from './session-bounds.ts';
import { takeRecord } from '../../intake/take-records.ts';

/**
 * Takes a proven login through `LOGIN_CHECKS`, list by list, and reads before each list the data that it needs: binds, merges, decides, opens a
 * session.
 * @returns a refusal whose traces stay: the case that was opened about it
 * @throws LoginRefused a refusal that leaves no trace
 */
export async function admit(tx: Transaction, engine: Engine, login: ProvenLogin): Promise<CompletedLogin | LoginRefused> {
  const { provider, issuer, subject, sessionEnd: end = null, isPartial = false } = login;
  const { now } = tx.context;
  pass(LOGIN_CHECKS.subject, login);
  const answered = await tx.logins.take({ requestId: login.request?.id ?? null, assertion: login.assertion, issuer, subject }, now);
  pass(LOGIN_CHECKS.answer, { login, answered });
  const { bound } = answered;
  const returnTo = login.request === null ? null : (answered.request?.returnTo ?? null);
  const link = await usedLink(tx, engine, login, answered);
  if (bound !== null) await mustStillBe(tx, engine, login, bound, link);
  pass(LOGIN_CHECKS.claims, { isPartial, isBound: bound !== null });
  const said = readClaims(loginMappingOf(engine.claims, provider.name), login.claims, !isPartial);
  if (bound !== null && link === null) {
    const repeated = await repeat(tx, engine, { login, answered, bound, said });
    if (repeated !== null) return { ...repeated, returnTo };
  }
  const known = await keysOf(tx, engine, login, bound, said, link);
  if (known instanceof LoginRefused) return known;
  const taken = await take(tx, engine, login, said, bound?.identityId ?? link?.identityId ?? null);
  const refused = await keep(tx, login, firstNo(LOGIN_CHECKS.taken, taken));
  if (refused !== null) return refused;
  const person = { identityId: taken.identityId ?? '', recordId: taken.recordId ?? '', keys: known.keys, isBound: bound !== null, link };
  const { identityId, recordId } = person;
  pass(LOGIN_CHECKS.linked, { link, identityId });
  const state = await stateNow(tx, engine, identityId, taken.state === undefined ? null : { state: taken.state, next: null });
  pass(LOGIN_CHECKS.state, { identityId, state });
  const doubt = taken.outcome === 'created' ? null : await enter(tx, engine, login, person);
  if (doubt !== null) return doubt;

  pass(LOGIN_CHECKS.session, { end, now });
  const bounds = sessionBounds(engine.configuration.session, end, now);
  const subjectNow = {
    issuer,
    subject,
    provider: provider.name,
    identityId,
    boundAt: now,
    lastLoginAt: now,
    nameIdFormat: login.nameIdFormat,
    keys: known.keys,
  };
  const settled = mayRepeat(login, taken, said, link) ? { ...settledBy(engine.configurationDigest, { ...login, said }, now), recordId } : null;
  const admitted = await tx.logins.admit(subjectNow, bounds, settled, login.source);
  if (admitted === null) throw boundElsewhere(identityId).refused;
  if (admitted.bound) await tellBound(tx, engine, login, taken, { ...person, sessionId: admitted.session.id });
  if (bound?.pending != null || (admitted.bound && taken.outcome !== 'created')) await closeLoginCases(tx, recordId, 'the login was accepted');
  await accept(tx, login, answered, { sessionId: admitted.session.id, identityId, recordId, outcome: taken.outcome });
  const leftOut = { kept: taken.kept ?? [], elsewhere: said.elsewhere };
  await auditLeftOut(tx, login, taken, leftOut);
  return { token: admitted.token, expiresAt: bounds.expiresAt, identityId, isNew: taken.outcome === 'created', returnTo, leftOut };
}

/** @throws LoginRefused the first refusal of checks that keep nothing */
function pass<Known>(checks: readonly LoginCheck<Known, Refusal>[], known: Known): void {
  const no = firstNo(checks, known);
  if (no !== null) throw no.refused;
}

/** Stores the traces of a refusal. @returns the refusal; `null`: the login passes @throws LoginRefused a refusal that keeps nothing */
async function keep(tx: Transaction, { issuer, subject }: ProvenLogin, no: Refusal | null): Promise<LoginRefused | null> {
  if (no === null) return null;
  if (no.keeps === null) throw no.refused;
  const { pending, question } = no.keeps;
  if (pending !== null) await tx.logins.setPending({ issuer, subject }, pending);
  if (question !== null) await askAboutLogin(tx, question);
  return no.refused;
}

/** One-time link with which a login was begun, used up; where the login is refused after all, it stays valid. */
async function usedLink(tx: Transaction, engine: Engine, { provider }: ProvenLogin, { request }: AnsweredLogin): Promise<LoginLink | null> {
  const linkId = request?.linkId ?? null;
  const link = linkId === null ? null : await useLoginLink(tx, engine, linkId);
  pass(LOGIN_CHECKS.begunByLink, { provider, linkId, link });
  return link;
}

async function mustStillBe(tx: Transaction, engine: Engine, { provider }: ProvenLogin, bound: BoundSubject, link: LoginLink | null): Promise<void> {
  const { identityId } = bound;
  pass(LOGIN_CHECKS.bound, { provider, bound });
  pass(LOGIN_CHECKS.linked, { link, identityId });
  if (!comesBackByLogin(bound)) pass(LOGIN_CHECKS.state, { identityId, state: await stateNow(tx, engine, identityId, bound) });
}

function repeat(tx: Transaction, engine: Engine, returning: Parameters<typeof repeatLogin>[2]): ReturnType<typeof repeatLogin> {
  const end = returning.login.sessionEnd ?? null;
  const { now } = tx.context;
  // A session that would be over is refused by the decided login.
  if (firstNo(LOGIN_CHECKS.session, { end, now }) !== null) return Promise.resolve(null);
  return repeatLogin(tx, engine, returning, sessionBounds(engine.configuration.session, end, now));
}

/** Correlation keys of the login. @returns a refusal where a bound subject may be somebody else by now */
async function keysOf(
  tx: Transaction,
  engine: Engine,
  login: ProvenLogin,
  bound: BoundSubject | null,
  { facts, emailVerified }: AssertedClaims,
  link: LoginLink | null,
): Promise<Pick<KeysOfBoundLogin, 'keys'> | LoginRefused> {
  const { provider, nameIdFormat } = login;
  if (bound === null) return { keys: keysOfLogin({ provider, facts, emailVerified }) };
  const said = await keysOfBoundLogin(tx, engine.configuration, { provider, identityId: bound.identityId, facts, emailVerified, before: bound.said });
  return (await keep(tx, login, firstNo(LOGIN_CHECKS.identity, { provider, nameIdFormat, bound, said, link }))) ?? said;
}

/** Stores the claims of the login as its provider's record of the person, and decides. */
function take(tx: Transaction, engine: Engine, login: ProvenLogin, said: AssertedClaims, boundTo: string | null): Promise<TakenRecord> {
  const { provider, issuer, subject, nameIdFormat } = login;
  const { facts, groups, emailVerified, userType, leftOut } = said;
  const record = {
    source: provider.name,
    externalId: `${issuer}|${subject}`,
    version: String(Date.parse(tx.context.now)),
    facts,
    groups,
    status: null,
    endedAt: null,
  };
  return takeRecord(tx, engine, { ...record, emailVerified, asserted: { userType, leftOut }, boundTo, login: { issuer, nameIdFormat } }, 'login');
}

async function enter(tx: Transaction, engine: Engine, login: ProvenLogin, person: FoundPerson): Promise<LoginRefused | null> {
  const known = await entering(tx, engine, login, person);
  const refused = await keep(tx, login, firstNo(LOGIN_CHECKS.entry, known));
  if (refused === null) await useVouching(tx, engine, known);
  return refused;
}

async function tellBound(
  tx: Transaction,
  engine: Engine,
  { provider: { name: provider }, issuer, subject }: ProvenLogin,
  { linkedBy, outcome }: TakenRecord,
  { identityId, link, sessionId }: FoundPerson & { readonly sessionId: string },
): Promise<void> {
  const by = linkedBy ?? (link !== null ? 'link' : outcome === 'created' ? 'created' : 'decision');
  const personal = { issuer, subject };
  tx.audit.record({ action: 'login.bound', subjectKind: 'identity', subjectId: identityId, identityId, reason: { provider, by }, personal });
  if (by !== 'created') await tellLinked(tx, engine, { identityId, provider, sessionId, isByHand: linkedBy === null });
}
