import { addDuration, instantOf, subtractDuration } from '../time/dates.ts';
import type { Policy } from '../policy/compile-policy.ts';
import type { Identity, Instant, RelationshipBound } from '../identity/facts.ts';
import { identityFacts } from '../identity/identity-facts.ts';
import { type Inactivity, inactivityOf, type Watched } from './inactivity.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { LifecycleRule } from '../policy/policy.ts';
import { isCalledOff, type Span, spans } from '../identity/relationship.ts';

const NOT_WATCHED: Watched = { signs: [], idleSince: null };
/** Default if no rule applies: an end disables accounts at once and permanently, and deletes nothing. */
const NO_RULE: LifecycleRule = { name: '', start: {}, end: { grace: 'PT0S', then: 'keep' } };

interface Question {
  readonly identity: Identity;
  readonly rule: LifecycleRule;
  readonly watched: Watched;
  readonly now: Instant;
}
type Next = NonNullable<Lifecycle['next']>;

/**
 * Derives a person's lifecycle at `now`, and its next change with time. It depends only on facts, policy and clock, so a
 * corrected date or an active record makes the person active again.
 */
export function deriveLifecycle({
  identity,
  policy,
  watched = NOT_WATCHED,
  now,
}: {
  readonly identity: Identity;
  readonly policy: Policy;
  readonly watched?: Watched;
  readonly now: Instant;
}): Lifecycle {
  const asked: Question = { identity, rule: lifecycleRule(identity, policy), watched, now };
  const known = spans(identity);
  if (known.length === 0) {
    const rescinded = identity.relationships.find(isCalledOff);
    return rescinded?.end ? calledOff(rescinded.end, asked) : here({ start: null, end: null }, asked);
  }
  const present = known.find(({ start, end }) => (start === null || start.at <= now) && (end === null || end.at > now));
  if (present !== undefined) return here(present, asked);
  const ahead = known.find(({ start }) => start !== null && start.at > now);
  const last = known.findLast(({ end }) => end !== null && end.at <= now);
  if (last?.end && (ahead === undefined || now < graceEnd(last.end, asked)))
    return removedBefore(last, asked) ?? afterEnd(last.end, ahead?.start ?? null, asked);
  return beforeStart(ahead?.start ?? { at: now, recordId: '', by: 'date' }, asked);
}

/** Returns the first rule whose condition is true. One that cannot be evaluated, since a fact is absent, is not. */
function lifecycleRule(identity: Identity, policy: Policy): LifecycleRule {
  const facts = identityFacts(identity, policy.document.attributes);
  const found = policy.compiled.lifecycle.find(({ when }) => {
    const result = when?.evaluate({ identity: facts });
    return result === undefined || (result.kind === 'value' && result.value === true);
  });
  return found?.rule ?? NO_RULE;
}

function named(rule: LifecycleRule): string | null {
  return rule === NO_RULE ? null : rule.name;
}

function graceEnd(end: RelationshipBound, { rule, identity }: Question): Instant {
  return addDuration(end.at, rule.end.grace, identity.timeZone);
}

function here(span: Span, asked: Question): Lifecycle {
  const { identity, rule, now } = asked;
  const { start, end } = span;
  // Without a grace period there is no `leaving`.
  const ending: Next | null = end && { at: end.at, state: graceEnd(end, asked) > end.at ? 'leaving' : 'left' };
  const leave = leaveOf(identity);
  const inactivity = idle(span, asked);
  if (inactivity !== null && (inactivity.standing === 'removed' || inactivity.standing === 'disabled')) return unheard(inactivity, asked, ending);
  const shared = { rule: named(rule), recordIds: start === null ? [] : [start.recordId] };
  if (leave !== null && leave.from <= now && (leave.until === null || leave.until > now)) {
    return {
      ...shared,
      state: 'suspended',
      why: 'on leave',
      recordIds: [leave.recordId],
      since: leave.from,
      next: soonest([ending, leave.until === null ? null : { at: leave.until, state: 'active' }]),
      accounts: 'disabled',
    };
  }
  const leaving: Next | null = leave !== null && leave.from > now ? { at: leave.from, state: 'suspended' } : null;
  const silent: Next | null = inactivity && { at: inactivity.disableAt, state: 'suspended' };
  return {
    ...shared,
    state: 'active',
    why: activeBecause(span),
    since: start?.at ?? null,
    next: soonest([ending, leaving, silent]),
    accounts: 'enabled',
    ...(inactivity === null ? {} : { inactivity }),
  };
}

function idle({ start }: Span, { identity, rule, watched, now }: Question): Inactivity | null {
  return inactivityOf({ identity, rule, watched, from: start?.at ?? null, away: leaveOf(identity), now });
}

/** Lifecycle of a person who was inactive for so long that accounts are disabled or deleted. */
function unheard(inactivity: Inactivity, { rule }: Question, ending: Next | null): Lifecycle {
  const { since, disableAt, removeAt, standing } = inactivity;
  const shared = { rule: named(rule), recordIds: [], inactivity };
  if (standing === 'removed')
    return { ...shared, state: 'left', why: `removed for inactivity since ${since}`, since: removeAt, next: null, accounts: 'absent' };
  const gone: Next | null = removeAt === null ? null : { at: removeAt, state: 'left' };
  return { ...shared, state: 'suspended', why: `inactive since ${since}`, since: disableAt, next: soonest([ending, gone]), accounts: 'disabled' };
}

/** Lifecycle of a person who was removed for inactivity before the end, which stays as it is; `null`: they were not. */
function removedBefore(span: Span, asked: Question): Lifecycle | null {
  const inactivity = idle(span, asked);
  const isBefore = inactivity?.standing === 'removed' && inactivity.removeAt !== null && span.end !== null && inactivity.removeAt <= span.end.at;
  return isBefore ? unheard(inactivity, asked, null) : null;
}

/** A leave of absence: from the start of `leaveStart` to the end of `leaveEnd`, or until a date is known. */
function leaveOf({ attributes, timeZone }: Identity): { from: Instant; until: Instant | null; recordId: string } | null {
  const { leaveStart, leaveEnd } = attributes;
  const from = leaveStart === undefined ? null : instantOf(leaveStart.value, 'start', timeZone);
  if (leaveStart === undefined || from === null) return null;
  const until = leaveEnd === undefined ? null : instantOf(leaveEnd.value, 'end', timeZone);
  return until !== null && until <= from ? null : { from, until, recordId: leaveStart.recordId };
}

/** Returns the earliest change; of two at one instant the first in the list. */
function soonest(changes: readonly (Next | null)[]): Next | null {
  return changes.reduce<Next | null>((first, change) => (change !== null && (first === null || change.at < first.at) ? change : first), null);
}

function activeBecause({ start, end }: Span): string {
  if (start !== null) return 'started';
  return end === null ? 'no start or end is known' : 'the end is still ahead';
}

function afterEnd(end: RelationshipBound, comingBack: RelationshipBound | null, asked: Question): Lifecycle {
  const { rule, now } = asked;
  const over = graceEnd(end, asked);
  const why = end.by === 'report' ? 'ended' : 'end date reached';
  const shared = { rule: named(rule), recordIds: [end.recordId] };
  const back: Next | null = comingBack && { at: comingBack.at, state: 'active' };
  if (now < over) {
    const next = soonest([back, { at: over, state: comingBack === null ? 'left' : 'pre-hire' }]);
    return { ...shared, state: 'leaving', why, since: end.at, next, accounts: 'disabled' };
  }
  return { ...shared, state: 'left', why: `${why}; grace is over`, since: over, next: null, accounts: rule.end.then === 'delete' ? 'absent' : 'keep-disabled' };
}

function calledOff(end: RelationshipBound, { rule }: Question): Lifecycle {
  return {
    state: 'left',
    why: 'called off before the start',
    rule: named(rule),
    recordIds: [end.recordId],
    since: null,
    next: null,
    accounts: 'absent-unless-used',
  };
}

function beforeStart(start: RelationshipBound, { identity, rule, now }: Question): Lifecycle {
  const createAt = subtractDuration(start.at, rule.start.createBefore ?? 'PT0S', identity.timeZone);
  const created: Next | null = now < createAt && createAt < start.at ? { at: createAt, state: 'pre-hire' } : null;
  return {
    state: 'pre-hire',
    why: 'start lies ahead',
    rule: named(rule),
    recordIds: [start.recordId],
    since: null,
    next: soonest([created, { at: start.at, state: 'active' }]),
    accounts: createAt <= now && createAt < start.at ? 'disabled' : 'absent',
  };
}
