import type { ApplicationSettings } from '@tenure/config';
import { type Instant, toInstant } from '@tenure/domain';
import type { ActContext, LogoutNotice, LogoutNoticeResult, LogoutNoticeStatus, Store, Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { nextAttempt } from '../notifications/next-attempt.ts';
import { pauseOfReceiver } from '../notifications/pause-of-receiver.ts';
import type { LogoutAnswer } from './logout-answer.ts';
import { logoutCaseKey, tendLogoutCases } from './tend-logout-cases.ts';

export interface LogoutDependencies {
  readonly store: Store;
  readonly engine: Engine;
  readonly clock: () => Instant;
  /** Notifies an application of the end of a session, once. */
  readonly notify: (application: ApplicationSettings, notice: LogoutNotice, now: Date) => Promise<LogoutAnswer>;
  /** True once the process stops: what was leased and not sent is given back. */
  readonly isStopping?: () => boolean;
  /** Called for each attempt with its result; `put-off`: it is tried again. `took`: milliseconds since the session ended. */
  readonly counted?: (application: string, result: Exclude<LogoutNoticeStatus, 'waiting'> | 'put-off', took: number) => void;
  /** Called for unexpected failures on our side; the notice is tried again. */
  readonly failed?: (error: unknown, noticeId: string) => void;
}

/** Notices in one transaction, and how many of them are sent at a time. */
const CHUNK = 64;
export const LOGOUTS_AT_A_TIME = 8;
/** Milliseconds after which another worker takes over a notice: longer than a chunk may take. */
const TURN = 2 * 60_000;
/** Failed attempts in a row, after which the rest of a chunk is given back. */
const ENOUGH = 3;
/** Milliseconds after the end of a session until its application is no longer tried. */
const WEEK = 7 * 24 * 3_600_000;
const LONGEST_WAIT = 3_600_000;

/** Notice with the result of its attempt; `null`: it was not sent. */
interface Attempted {
  readonly notice: LogoutNotice;
  readonly answer: LogoutAnswer | null;
}

/**
 * Notifies one application of sessions that ended: what is due, a chunk in one transaction, some at a time. Where the application fails, the rest is
 * given back and the application is paused, so that one that is away costs a few attempts. At least once: a worker that is killed after sending leaves
 * the notice to be sent again.
 * @returns number of notices that were due
 */
export async function deliverLogoutNotices(dependencies: LogoutDependencies, application: string): Promise<number> {
  const { store, engine, clock, counted = () => undefined } = dependencies;
  const now = clock();
  const until = toInstant(Date.parse(now) + TURN);
  const due = await store.transaction(contextOf(now), (tx) => tx.logoutNotices.claim(application, CHUNK, until));
  if (due.length === 0) return 0;
  const attempted = await attemptAll(dependencies, application, due);
  const results = await store.transaction(contextOf(clock()), async (tx) => {
    const stored = await writeDown(tx, application, attempted);
    if (await isToTend(tx, application, stored)) await tendLogoutCases(tx, engine, [application]);
    return stored;
  });
  for (const { notice, result } of results)
    counted(application, result.status === 'waiting' ? 'put-off' : result.status, Date.parse(clock()) - Date.parse(notice.endedAt));
  return attempted.some(({ answer }) => answer === null) ? 0 : due.length;
}

/** True if the case of the application may open or close now; the sweep opens those whose time comes without an attempt. */
async function isToTend(tx: Transaction, application: string, stored: readonly { readonly result: LogoutNoticeResult }[]): Promise<boolean> {
  const isRefused = stored.some(({ result: { status } }) => status === 'refused' || status === 'abandoned');
  return isRefused || (await tx.cases.openOfKey(logoutCaseKey(application))) !== null;
}

function contextOf(now: Instant): ActContext {
  return { actor: { kind: 'system', id: 'logouts' }, correlationId: 'logouts', now };
}

async function attemptAll(dependencies: LogoutDependencies, application: string, due: readonly LogoutNotice[]): Promise<readonly Attempted[]> {
  const { isStopping = () => false } = dependencies;
  const left = [...due];
  const attempted: Attempted[] = [];
  let failures = 0;
  const lane = async (): Promise<void> => {
    for (let notice = left.shift(); notice !== undefined; notice = left.shift()) {
      const answer = failures >= ENOUGH || isStopping() ? null : await attempt(dependencies, application, notice);
      if (answer !== null) failures = answer.outcome === 'unavailable' ? failures + 1 : 0;
      attempted.push({ notice, answer });
    }
  };
  await Promise.all(Array.from({ length: LOGOUTS_AT_A_TIME }, lane));
  return attempted;
}

async function attempt(
  { engine, clock, notify, failed = () => undefined }: LogoutDependencies,
  application: string,
  notice: LogoutNotice,
): Promise<LogoutAnswer> {
  const { applications } = engine.configuration;
  const settings = Object.hasOwn(applications, application) ? applications[application] : undefined;
  if (settings === undefined || settings.protocol !== notice.protocol) return { outcome: 'no-channel', code: 'NO_SUCH_APPLICATION' };
  const now = clock();
  // Its assertion stated this end (SessionNotOnOrAfter).
  if (notice.protocol === 'saml' && notice.expiresAt <= now) return { outcome: 'expired', code: 'SESSION_EXPIRED' };
  return notify(settings, notice, new Date(now)).catch((error: unknown): LogoutAnswer => {
    failed(error, notice.id);
    return { outcome: 'unavailable', code: 'INTERNAL' };
  });
}

async function writeDown(
  tx: Transaction,
  application: string,
  attempted: readonly Attempted[],
): Promise<readonly { readonly notice: LogoutNotice; readonly result: LogoutNoticeResult }[]> {
  const pausedUntil = await noteReceiver(tx, application, attempted);
  const results = attempted.map(({ notice, answer }) => ({ notice, result: resultOf(notice, answer, pausedUntil, tx.context.now) }));
  const stored = new Set(await tx.logoutNotices.settle(results.map(({ result }) => result)));
  const settled = results.filter(({ result }) => stored.has(result.id));
  for (const { notice, result } of settled) audit(tx, notice, result);
  // Those that were not sent are no attempts.
  return settled.filter(({ notice }) => attempted.some((one) => one.notice.id === notice.id && one.answer !== null));
}

/** Records whether the application answers. @returns end of its pause; `null`: it has none */
async function noteReceiver(tx: Transaction, application: string, attempted: readonly Attempted[]): Promise<Instant | null> {
  const answers = attempted.flatMap(({ answer }) => (answer === null ? [] : [answer]));
  const unavailable = answers.flatMap((answer) => (answer.outcome === 'unavailable' ? [answer] : []));
  if (answers.some(({ outcome }) => outcome === 'confirmed' || outcome === 'refused')) await tx.logoutNotices.receiverWorked(application);
  const last = unavailable.at(-1);
  if (last === undefined) return null;
  const failing = await tx.logoutNotices.receiverFailed(application, last.code, unavailable.length);
  const asked = unavailable.flatMap(({ retryAfter }) => retryAfter ?? []);
  const until = pauseOfReceiver(failing, asked.length === 0 ? null : Math.max(...asked), tx.context.now);
  if (until !== null) await tx.logoutNotices.pause(application, until);
  return until;
}

function resultOf({ id, attempts, endedAt, code }: LogoutNotice, answer: LogoutAnswer | null, pausedUntil: Instant | null, now: Instant): LogoutNoticeResult {
  const base = { id, attempts };
  if (answer === null) return { ...base, status: 'waiting', code, dueAt: pausedUntil ?? now };
  if (answer.outcome !== 'unavailable') return { ...base, status: answer.outcome, code: answer.code, dueAt: now };
  if (Date.parse(endedAt) + WEEK <= Date.parse(now)) return { ...base, status: 'abandoned', code: answer.code, dueAt: now };
  const own = nextAttempt(attempts, now) ?? toInstant(Date.parse(now) + LONGEST_WAIT);
  return { ...base, status: 'waiting', code: answer.code, dueAt: pausedUntil ?? own };
}

function audit(tx: Transaction, notice: LogoutNotice, { status, code }: LogoutNoticeResult): void {
  const { id, identityId, application, protocol, endedAt, endedReason, attempts, expiresAt } = notice;
  if (status === 'waiting' || code === null) return;
  const common = { application, protocol, endedAt, why: endedReason, attempts };
  const event = { subjectKind: 'session', subjectId: id, identityId } as const;
  if (status === 'confirmed') tx.audit.record({ ...event, action: 'application.logoutConfirmed', reason: { ...common, code } });
  else tx.audit.record({ ...event, action: 'application.logoutNotConfirmed', reason: { ...common, outcome: status, code, until: expiresAt } });
}
