import { addDuration, subtractDuration } from './dates.ts';
import type { Policy } from './compile-policy.ts';
import type { Identity, Instant } from './facts.ts';
import { identityFacts } from './identity-facts.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { LifecycleRule } from './policy.ts';
import { type RelationshipBound, relationship } from './relationship.ts';

/** Without a rule an end disables at once, for good, and deletes nothing. */
const NO_RULE: LifecycleRule = { name: '', start: {}, end: { grace: 'PT0S', then: 'keep' } };

/**
 * Where a person's life stands at `now`, and when it next changes by itself. Depends on facts, policy and clock alone, so a
 * corrected date or an active record opens a life again.
 * @param timeZone IANA name of the zone in which days begin and end
 */
export function deriveLifecycle({ identity, policy, now, timeZone }: { identity: Identity; policy: Policy; now: Instant; timeZone: string }): Lifecycle {
  const rule = lifecycleRule(identity, policy, timeZone);
  const { start, end } = relationship(identity, timeZone);
  if (end !== null && end.at <= now) return afterEnd(end, rule, now, timeZone);
  const ending = end && { at: end.at, state: endState(end, rule, timeZone) };
  if (start !== null && start.at > now) return beforeStart(start, ending, rule, now, timeZone);
  return {
    state: 'active',
    why: activeBecause(start, end),
    rule: named(rule),
    recordIds: start === null ? [] : [start.recordId],
    since: start?.at ?? null,
    next: ending,
    accounts: 'enabled',
  };
}

function activeBecause(start: RelationshipBound | null, end: RelationshipBound | null): string {
  if (start !== null) return `started, by record ${start.recordId}`;
  return end === null ? 'no start or end is known' : `the end is still ahead, by record ${end.recordId}`;
}

/** The first rule that holds. One that cannot be evaluated, for want of a fact, does not. */
function lifecycleRule(identity: Identity, policy: Policy, timeZone: string): LifecycleRule {
  const facts = identityFacts(identity, policy.document.attributes, timeZone);
  const found = policy.compiled.lifecycle.find(({ when }) => {
    const result = when?.evaluate({ identity: facts });
    return result === undefined || (result.kind === 'value' && result.value === true);
  });
  return found?.rule ?? NO_RULE;
}

function named(rule: LifecycleRule): string | null {
  return rule === NO_RULE ? null : rule.name;
}

/** Without a grace there is no `leaving`. */
function endState(end: RelationshipBound, rule: LifecycleRule, timeZone: string): 'leaving' | 'left' {
  return addDuration(end.at, rule.end.grace, timeZone) > end.at ? 'leaving' : 'left';
}

function afterEnd(end: RelationshipBound, rule: LifecycleRule, now: Instant, timeZone: string): Lifecycle {
  const graceEnd = addDuration(end.at, rule.end.grace, timeZone);
  const why = end.by === 'record' ? `ended, by record ${end.recordId}` : `end date reached, by record ${end.recordId}`;
  const shared = { rule: named(rule), recordIds: [end.recordId] };
  if (now < graceEnd) return { ...shared, state: 'leaving', why, since: end.at, next: { at: graceEnd, state: 'left' }, accounts: 'disabled' };
  return {
    ...shared,
    state: 'left',
    why: `${why}; grace is over`,
    since: graceEnd,
    next: null,
    accounts: rule.end.then === 'delete' ? 'absent' : 'keep-disabled',
  };
}

function beforeStart(start: RelationshipBound, ending: Lifecycle['next'], rule: LifecycleRule, now: Instant, timeZone: string): Lifecycle {
  const createAt = subtractDuration(start.at, rule.start.createBefore ?? 'PT0S', timeZone);
  const changes: NonNullable<Lifecycle['next']>[] = [{ at: start.at, state: 'active' }];
  if (now < createAt && createAt < start.at) changes.push({ at: createAt, state: 'pre-hire' });
  // An end before the start: a hire that was called off in advance.
  if (ending !== null && ending.at <= start.at) changes.push(ending);
  return {
    state: 'pre-hire',
    why: `start lies ahead, by record ${start.recordId}`,
    rule: named(rule),
    recordIds: [start.recordId],
    since: null,
    next: changes.reduce((first, change) => (change.at < first.at || (change.at === first.at && change === ending) ? change : first)),
    accounts: createAt <= now && createAt < start.at ? 'disabled' : 'absent',
  };
}
