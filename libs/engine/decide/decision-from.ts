import { type AccessDecision, type Policy, TENURE_TARGET } from '@tenure/domain';
import type { Person, StoredIdentity, Trigger } from '@tenure/store';
import { nameIn } from '../intake/named-person.ts';
import type { Decision } from './decision.ts';
import { isEnding } from './end-confirmed.ts';
import type { PlannedAccount } from './planned-account.ts';

/** Parts of a decision that its result is put together from. */
export interface Outcome {
  readonly before: StoredIdentity;
  readonly after: StoredIdentity;
  readonly access: Pick<AccessDecision, 'identity' | 'lifecycle' | 'grants'>;
  readonly accounts: readonly PlannedAccount[];
  readonly suspensions: Person['suspensions'];
  readonly policy: Policy;
  readonly sponsorLives: boolean | undefined;
}

/** Result of a decision, from its parts. */
export function decisionFrom(outcome: Outcome, trigger: Trigger): Decision {
  const { before, after, accounts } = outcome;
  const { lifecycle } = outcome.access;
  const unsettled = accounts.filter(({ account }) => account.confirmedAt === null && account.notVisibleAt === null);
  const work = accounts.filter(({ status }) => status === 'work').map(({ account }) => ({ target: account.target, since: account.desiredSince }));
  const waiting = unsettled.filter(({ status, isSuspended }) => status === 'waits' && !isSuspended).map(({ account }) => account.target);
  const held = accounts.filter(({ isSuspended }) => isSuspended).map(({ account }) => account.target);
  const observed = accounts.filter(({ status }) => status === 'observed').map(({ account }) => account.target);
  const never = accounts.every(({ account }) => account.observed === null);
  const busy = isEnding(lifecycle.state) ? 'leaving' : never ? 'onboarding' : 'change';
  const dateChanged = before.nextWakeUp !== after.nextWakeUp;
  // Each login makes inactivity later. A workflow that sleeps until the earlier date finds the later one then: no login has to wake it for that.
  const isLater = trigger === 'login' && before.nextWakeUp !== null && (after.nextWakeUp === null || after.nextWakeUp > before.nextWakeUp);
  return {
    work,
    waiting,
    ...(held.length > 0 ? { held } : {}),
    ...(observed.length > 0 ? { observed } : {}),
    stage: work.length > 0 ? busy : waiting.length + held.length > 0 ? 'waiting' : 'idle',
    nextWakeUp: after.nextWakeUp,
    state: lifecycle.state,
    why: lifecycle.why,
    changed: work.length > 0 || (dateChanged && !isLater),
    dateChanged,
    ...(trigger === 'login' ? { isSettled: staysUntilWakeUp(outcome) } : {}),
  };
}

/**
 * True if a login with the same content may be accepted without a new decision: nothing is open, nothing is withheld, and nothing depends on other
 * people. In doubt it is decided again, and always for people who have or will have rights in Tenure.
 */
function staysUntilWakeUp({ access: { identity, lifecycle, grants }, after, suspensions, policy: { document }, accounts, sponsorLives }: Outcome): boolean {
  const { sponsor } = document.relations ?? {};
  const restsOnOthers = sponsorLives !== undefined || (sponsor !== undefined && nameIn(identity, sponsor) !== null);
  const isPlain = lifecycle.state === 'active' && (lifecycle.inactivity ?? null) === null;
  const isWatched = lifecycle.state === 'active' && lifecycle.inactivity?.standing === 'watched';
  const hasRights = grants.some(({ kind, name }) => {
    const entitlement = kind === 'entitlement' ? document.entitlements[name] : undefined;
    return entitlement?.target === TENURE_TARGET && entitlement.value !== 'self';
  });
  return (
    (isPlain || isWatched) &&
    !restsOnOthers &&
    !hasRights &&
    after.questions.length === 0 &&
    suspensions.length === 0 &&
    accounts.every(({ status, isSuspended }) => (status === 'settled' || status === 'observed') && !isSuspended)
  );
}
