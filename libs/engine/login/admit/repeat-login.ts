import type { AnsweredLogin, BoundSubject, LoginLink, SessionBounds, Transaction } from '@tenure/store';
import type { Engine } from '../../decide/engine.ts';
import type { TakenRecord } from '../../intake/taken-record.ts';
import { settledFor } from '../settled-login.ts';
import { accept } from './audit-login.ts';
import type { CompletedLogin, ProvenLogin } from './proven-login.ts';
import type { AssertedClaims } from './read-claims.ts';

/** A login of a bound subject, with its mapped claims. */
export interface ReturningLogin {
  readonly login: ProvenLogin;
  readonly answered: AnsweredLogin;
  readonly bound: BoundSubject;
  readonly said: AssertedClaims;
}

/**
 * Accepts a login that repeats the last one when nothing has changed since, without a decision.
 * @returns `null`: it is to be decided
 */
export async function repeatLogin(
  tx: Transaction,
  engine: Engine,
  { login, answered, bound, said }: ReturningLogin,
  bounds: SessionBounds,
): Promise<Omit<CompletedLogin, 'returnTo'> | null> {
  const { issuer, subject } = login;
  const { identityId, recordId } = bound;
  const { now } = tx.context;
  const settled = login.isPartial === true ? null : settledFor(engine.configurationDigest, bound, { ...login, said }, now);
  if (settled === null || recordId === null) return null;
  const opened = await tx.logins.repeat(
    { issuer, subject, bound, recordId, settled, ...(login.source === undefined ? {} : { source: login.source }) },
    bounds,
    now,
  );
  if (opened === null) return null;
  await accept(tx, login, answered, { sessionId: opened.session.id, identityId, recordId, outcome: 'updated' });
  return { token: opened.token, expiresAt: bounds.expiresAt, identityId, isNew: false, leftOut: { kept: [], elsewhere: [] } };
}

/**
 * True if the same login again may be accepted without a decision. One that leaves out kept claims is warned of each time; the kind of person is kept
 * from the first login on.
 */
export function mayRepeat(
  { isPartial = false }: ProvenLogin,
  { isSettled = false, kept = [] }: TakenRecord,
  { elsewhere, leftOut }: AssertedClaims,
  link: LoginLink | null,
): boolean {
  return isSettled && !isPartial && link === null && kept.length === 0 && !leftOut.userType && elsewhere.length === 0;
}
