import { addDuration, earliest } from '../time/dates.ts';
import type { CompiledRule, Policy } from './compile-policy.ts';
import type { Expression } from '../expressions/expressions.ts';
import type { Identity, Instant } from '../identity/facts.ts';
import { makeGrant } from '../access/grants-at.ts';
import { type IdentityFacts, identityFacts } from '../identity/identity-facts.ts';
import type { Lifecycle } from '../lifecycle/lifecycle.ts';
import { nextTurn } from './next-turn.ts';
import type { BirthrightRule, Grant, GroupRule, Origin } from './policy.ts';
import { startAhead } from '../identity/relationship.ts';
import type { RequestedAccess } from '../requests/requested-access.ts';

/** Input of an evaluation of the policy. */
export interface PolicyQuestion {
  readonly identity: Identity;
  readonly lifecycle: Lifecycle;
  readonly policy: Policy;
  /**
   * Time since which each rule applies, as the last evaluation returned it, by rule name or `source/group`. A duration is
   * counted from it if its rule has no `from`.
   */
  readonly activations: Readonly<Record<string, Instant>>;
  /** Time since which each rule in its grace period no longer applies, as the last evaluation returned it. */
  readonly endings: Readonly<Record<string, Instant>>;
  /** Requested and approved access. */
  readonly requests?: readonly RequestedAccess[];
  readonly now: Instant;
}

/** Result of an evaluation of the policy. The same input gives the same bytes. */
export interface PolicyAnswer {
  /** Present and future grants, sorted. `grantsAt` returns those in force at an instant. */
  readonly grants: Grant[];
  /** State to store for the next evaluation, like `endings`. */
  readonly activations: Record<string, Instant>;
  readonly endings: Record<string, Instant>;
  /** Rules that could not be evaluated and therefore granted nothing. An absent fact is no problem: the rule does not apply. */
  readonly problems: { rule: string; message: string }[];
  /** Next instant at which the result of a condition with `now` changes; `null`: none. */
  readonly changesAt: Instant | null;
}

interface Given {
  readonly roles: readonly string[];
  readonly entitlements: readonly string[];
  readonly origin: Omit<Origin, 'viaRole'>;
}

/** Evaluates the grants of a person from birthright rules, asserted groups and approved requests. Terminated people get none. */
export function evaluatePolicy(question: PolicyQuestion): PolicyAnswer {
  const { identity, policy, now } = question;
  const facts = identityFacts(identity, policy.document.attributes);
  const given: Given[] = [];
  const activations: Record<string, Instant> = {};
  const endings: Record<string, Instant> = {};
  const problems: { rule: string; message: string }[] = [];
  const turns: (Instant | null)[] = [];
  for (const compiled of policy.compiled.birthright) {
    const { name } = compiled.rule;
    const held = holds(compiled.when, { identity: facts, now: new Date(now) });
    if (compiled.turns.length > 0) turns.push(nextTurn(compiled, facts, now, held === true));
    if (typeof held === 'string') problems.push({ rule: name, message: held });
    const endingSince = held === true ? null : graceSince(compiled.rule, question);
    if (held !== true && endingSince === null) continue;
    const since = activate(name, question, activations);
    if (endingSince !== null && Object.hasOwn(activations, name)) endings[name] = endingSince;
    const origin = since === null ? null : ruleOrigin(compiled, since, facts, question, problems);
    if (origin !== null) given.push({ ...compiled.rule, origin: endingSince === null ? origin : inGrace(origin, compiled.rule, endingSince, question) });
  }
  for (const rule of policy.compiled.groups) {
    const asserted = identity.groups[rule.source];
    if (!asserted?.groups.includes(rule.group)) continue;
    const since = activate(`${rule.source}/${rule.group}`, question, activations);
    if (since !== null) given.push({ ...rule, origin: groupOrigin(rule, asserted.recordId, since, policy.version) });
  }
  given.push(...requested(question));
  return { grants: toGrants(given, policy, now), activations, endings, problems, changesAt: earliest(...turns) };
}

/** @returns the message if it cannot be evaluated */
function holds(when: Expression, context: Readonly<Record<string, unknown>>): boolean | string {
  const result = when.evaluate(context);
  if (result.kind === 'error') return `when: ${result.message}`;
  if (result.kind === 'value' && typeof result.value !== 'boolean') return 'when: did not yield true or false';
  return result.kind === 'value' && result.value === true;
}

/**
 * Time since which a rule that applies now has applied. It is kept during the grace period, so that the correction of a mistaken end does not
 * restart a duration; it is dropped when the person has left.
 * @returns `null` if rules grant nothing in this lifecycle state
 */
function activate(key: string, { lifecycle, identity, activations, now }: PolicyQuestion, kept: Record<string, Instant>): Instant | null {
  const known = Object.hasOwn(activations, key) ? activations[key] : undefined;
  switch (lifecycle.state) {
    case 'active':
    case 'suspended':
      kept[key] = known !== undefined && known <= now ? known : now;
      return kept[key];
    case 'pre-hire':
      kept[key] = startAhead(identity, now)?.at ?? now;
      return kept[key];
    case 'leaving':
      if (known !== undefined && known <= now) kept[key] = known;
      return null;
    case 'left':
    case 'erased':
      return null;
  }
}

/** Time since which a rule in its grace period no longer applies; `null`: it grants nothing (any more). */
function graceSince({ name, grace }: BirthrightRule, { activations, endings, identity, now }: PolicyQuestion): Instant | null {
  if (grace === undefined || !Object.hasOwn(activations, name)) return null;
  const since = (Object.hasOwn(endings, name) ? endings[name] : undefined) ?? now;
  return addDuration(since, grace, identity.timeZone) > now ? since : null;
}

function inGrace(origin: Given['origin'], { grace = 'PT0S' }: BirthrightRule, endingSince: Instant, { identity }: PolicyQuestion): Given['origin'] {
  return { ...origin, validUntil: earliest(origin.validUntil, addDuration(endingSince, grace, identity.timeZone)), endingSince };
}

function ruleOrigin(
  compiled: CompiledRule,
  since: Instant,
  facts: IdentityFacts,
  question: PolicyQuestion,
  problems: PolicyAnswer['problems'],
): Given['origin'] | null {
  const { rule, when } = compiled;
  const from = compiled.from && bound(compiled.from, facts);
  const until = compiled.until && bound(compiled.until, facts);
  for (const [field, value] of [
    ['from', from],
    ['until', until],
  ] as const) {
    if (value === 'error') problems.push({ rule: rule.name, message: `${field}: could not be evaluated` });
  }
  // Without a known start nothing is granted yet; without a known end there is none, unless its expression is wrong.
  if (from === 'error' || from === 'absent' || until === 'error') return null;
  const counted = rule.duration === undefined ? null : addDuration(from ?? since, rule.duration, question.identity.timeZone);
  const expressions = [when, compiled.from, compiled.until].filter((expression) => expression !== null);
  return {
    kind: 'rule',
    name: rule.name,
    policyVersion: question.policy.version,
    recordIds: restsOn(
      question.identity,
      expressions.flatMap(({ attributes }) => attributes),
    ),
    validFrom: from !== null && from > since ? from : since,
    validUntil: earliest(until === 'absent' ? null : until, counted),
  };
}

function bound(expression: Expression, facts: IdentityFacts): Instant | 'absent' | 'error' {
  const result = expression.evaluate({ identity: facts });
  if (result.kind === 'absent' || result.kind === 'empty') return 'absent';
  return result.kind === 'value' && result.value instanceof Date && !Number.isNaN(result.value.getTime()) ? result.value.toISOString() : 'error';
}

function restsOn(identity: Identity, names: readonly string[]): readonly string[] {
  const groups = names.includes('groups') ? Object.values(identity.groups).map(({ recordId }) => recordId) : [];
  const attributes = names.flatMap((name) => identity.attributes[name]?.recordId ?? []);
  return [...new Set([...attributes, ...groups])].sort();
}

function groupOrigin({ source, group }: GroupRule, recordId: string, since: Instant, policyVersion: number): Given['origin'] {
  return { kind: 'assertion', name: `${source}/${group}`, policyVersion, recordIds: [recordId], validFrom: since, validUntil: null };
}

/** Grants from approved requests of active and suspended people. Items that the policy no longer defines are left out. */
function requested({ requests = [], lifecycle, policy }: PolicyQuestion): Given[] {
  if (lifecycle.state !== 'active' && lifecycle.state !== 'suspended') return [];
  return requests.flatMap(({ requestId, kind, name, validFrom, validUntil, isBreakGlass = false }): Given[] => {
    if (!Object.hasOwn(kind === 'role' ? policy.document.roles : policy.document.entitlements, name)) return [];
    const cause = isBreakGlass ? 'break-glass' : 'request';
    const origin = { kind: cause, name: requestId, policyVersion: policy.version, recordIds: [], validFrom, validUntil } as const;
    return [{ roles: kind === 'role' ? [name] : [], entitlements: kind === 'role' ? [] : [name], origin }];
  });
}

/** Makes one grant per role and entitlement, with all its origins that have not ended. */
function toGrants(given: readonly Given[], policy: Policy, now: Instant): Grant[] {
  const found = new Map<string, { kind: Grant['kind']; name: string; origins: Origin[] }>();
  const add = (kind: Grant['kind'], name: string, origin: Origin): void => {
    const key = `${kind} ${name}`;
    const grant = found.get(key) ?? { kind, name, origins: [] };
    grant.origins.push(origin);
    found.set(key, grant);
  };
  for (const { roles, entitlements, origin } of given) {
    if (origin.validUntil !== null && (origin.validUntil <= now || origin.validUntil <= origin.validFrom)) continue;
    for (const name of new Set(entitlements)) add('entitlement', name, { ...origin, viaRole: null });
    for (const name of new Set(roles)) {
      add('role', name, { ...origin, viaRole: null });
      for (const entitlement of new Set(policy.document.roles[name]?.entitlements)) add('entitlement', entitlement, { ...origin, viaRole: name });
    }
  }
  const sorted = [...found].sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([, { kind, name, origins }]) => makeGrant(kind, name, origins.sort(byName)));
}

function byName(a: Origin, b: Origin): number {
  const [left, right] = [a, b].map(({ kind, name, viaRole }) => `${kind} ${name} ${viaRole ?? ''}`) as [string, string];
  return left < right ? -1 : left > right ? 1 : 0;
}
