import type { Policy } from '../policy/compile-policy.ts';
import type { EndedWith } from '../lifecycle/ended-with.ts';
import type { Identity, Instant } from '../identity/facts.ts';
import { grantsAt, makeGrant } from '../access/grants-at.ts';
import { identityFacts } from '../identity/identity-facts.ts';
import type { Grant, SeparationRule } from '../policy/policy.ts';

/** Somebody allowed it for this person, for a time. */
export interface SeparationException {
  readonly rule: string;
  /** What may be held together, and nothing besides. Absent: whatever the rule separates. */
  readonly names?: readonly string[];
  readonly validFrom: Instant;
  /** Exclusive. */
  readonly validUntil: Instant | null;
  /** With which time of the person it ended: it holds again where that time goes on after all. Absent and `null`: it has not ended. */
  readonly endedWith?: EndedWith | null;
}

/** One rule that would be broken, and what is held back so that it is not. */
export interface SeparationViolation {
  readonly rule: string;
  /** What would be held together, sorted. */
  readonly names: readonly string[];
  /** Sorted. Empty: it is held together all the same, since the rule only detects, or a target holds what Tenure has not given. */
  readonly withheld: readonly string[];
  /** What of it was seen in a target and not given by Tenure, sorted; absent: nothing. */
  readonly found?: readonly string[];
}

/** What is checked. */
export interface SeparationQuestion {
  readonly identity: Identity;
  readonly grants: readonly Grant[];
  readonly policy: Policy;
  readonly exceptions: readonly SeparationException[];
  /** Entitlements that were seen in targets, though nothing that is known gives them. */
  readonly found?: readonly string[];
  readonly now: Instant;
}

/**
 * Holds back what the person must not hold together at `now`. Two grants conflict only while both hold, so one that is to come
 * is evaluated when it comes: its bound is a wake-up. What the rule's priority names first stays, then what was there first.
 * @returns the grants without what is held back at `now`, and the rules that would have been broken
 */
export function checkSeparationOfDuties(question: SeparationQuestion): { grants: Grant[]; violations: SeparationViolation[] } {
  const { identity, policy, exceptions, now } = question;
  const excepted = exceptions.filter((one) => one.validFrom <= now && (one.validUntil === null || one.validUntil > now));
  const facts = identityFacts(identity, policy.document.attributes);
  const rules = policy.compiled.separation.flatMap(({ rule, when }) => {
    const result = when?.evaluate({ identity: facts });
    // One whose condition cannot be evaluated counts: closed by default.
    const concerns = result === undefined || result.kind === 'error' || (result.kind === 'value' && result.value !== false);
    return concerns ? [rule] : [];
  });
  const violations: SeparationViolation[] = [];
  let grants = [...question.grants];
  // Rules one after another, and again from the first: what one holds back may be what another was about.
  const preventive = rules.filter(({ detective }) => detective !== true);
  for (let broken = firstBroken(preventive, grants, excepted, now); broken !== null; broken = firstBroken(preventive, grants, excepted, now)) {
    violations.push(broken);
    grants = without(grants, broken.withheld, now);
  }
  return { grants, violations: [...violations, ...rules.flatMap((rule) => detect(rule, grants, question.found ?? [], excepted, now))] };
}

/** What is held together in spite of a rule, by grants that stay and by what targets hold besides. */
function detect(
  rule: SeparationRule,
  grants: readonly Grant[],
  seen: readonly string[],
  exceptions: readonly SeparationException[],
  now: Instant,
): readonly SeparationViolation[] {
  const granted = new Set(grantsAt(grants, now).map(({ name }) => name));
  const held = rule.conflicting.map((set) => set.filter((name) => granted.has(name) || seen.includes(name))).filter((set) => set.length > 0);
  const names = [...new Set(held.flat())].sort();
  const found = names.filter((name) => !granted.has(name));
  if (held.length <= rule.atMost || isExcepted(names, rule, exceptions)) return [];
  return [{ rule: rule.name, names, withheld: [], ...(found.length > 0 ? { found } : {}) }];
}

function firstBroken(
  rules: readonly SeparationRule[],
  grants: readonly Grant[],
  exceptions: readonly SeparationException[],
  now: Instant,
): SeparationViolation | null {
  const current = grantsAt(grants, now);
  for (const rule of rules) {
    const held = rule.conflicting.map((set) => current.filter(({ name }) => set.includes(name))).filter((set) => set.length > 0);
    const best = held.toSorted((a, b) => compare(precedence(a, rule), precedence(b, rule)));
    const stays: Grant[][] = [];
    for (const set of best) if (stays.length < rule.atMost || isExcepted(namesOf([...stays, set]), rule, exceptions)) stays.push(set);
    const goes = best.filter((set) => !stays.includes(set));
    if (goes.length === 0) continue;
    return { rule: rule.name, names: namesOf(held), withheld: namesOf(goes) };
  }
  return null;
}

function isExcepted(together: readonly string[], rule: SeparationRule, exceptions: readonly SeparationException[]): boolean {
  return exceptions.some((one) => one.rule === rule.name && (one.names === undefined || together.every((name) => one.names?.includes(name))));
}

function namesOf(sets: readonly (readonly Grant[])[]): string[] {
  return [...new Set(sets.flat().map(({ name }) => name))].sort();
}

/** Sorts before what yields to it. */
function precedence(set: readonly Grant[], { priority }: SeparationRule): string {
  const keys = set.map(({ name, validFrom }) => {
    const place = priority.indexOf(name);
    return `${String(place < 0 ? priority.length : place).padStart(6, '0')} ${validFrom} ${name}`;
  });
  return keys.sort()[0] ?? '';
}

/** Takes away what holds now of these names, and what a role among them carries. */
function without(grants: readonly Grant[], names: readonly string[], now: Instant): Grant[] {
  return grants.flatMap(({ kind, name, origins }) => {
    const left = origins.filter(({ viaRole, validFrom, validUntil }) => {
      const isCurrent = validFrom <= now && (validUntil === null || validUntil > now);
      return !isCurrent || !(names.includes(name) || (viaRole !== null && names.includes(viaRole)));
    });
    return left.length === 0 ? [] : [makeGrant(kind, name, left)];
  });
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
