import type { Policy } from '../policy/compile-policy.ts';
import type { EndedWith } from '../lifecycle/ended-with.ts';
import type { Identity, Instant } from '../identity/facts.ts';
import { grantsAt, makeGrant } from '../access/grants-at.ts';
import { identityFacts } from '../identity/identity-facts.ts';
import type { Grant, SeparationRule } from '../policy/policy.ts';

/** SoD exception for a person, for a limited time. */
export interface SeparationException {
  readonly rule: string;
  /** Only names that the person may have together. Absent: all names of the rule. */
  readonly names?: readonly string[];
  readonly validFrom: Instant;
  /** End, exclusive; `null`: none. */
  readonly validUntil: Instant | null;
  /** End of the person's relationship with which it ended: it applies again if that relationship continues. Absent or `null`: it has not ended. */
  readonly endedWith?: EndedWith | null;
}

/** Violation of an SoD rule, and the grants that are withheld to prevent it. */
export interface SeparationViolation {
  readonly rule: string;
  /** Names that conflict, sorted. */
  readonly names: readonly string[];
  /** Withheld names, sorted. Empty: the violation persists, since the rule is detective, or a target has access that Tenure did not grant. */
  readonly withheld: readonly string[];
  /** Names among them that were observed in a target and not granted by Tenure, sorted; absent: none. */
  readonly found?: readonly string[];
}

/** Input of the check. */
export interface SeparationQuestion {
  readonly identity: Identity;
  readonly grants: readonly Grant[];
  readonly policy: Policy;
  readonly exceptions: readonly SeparationException[];
  /** Entitlements that were observed in targets without a grant. */
  readonly found?: readonly string[];
  readonly now: Instant;
}

/**
 * Withholds grants that the person must not have together at `now`. Two grants conflict only while both are in force, so a future one
 * is evaluated at its start, which is a wake-up. Names with the highest priority of the rule stay, then the oldest grants.
 * @returns the grants without those withheld at `now`, and the violations
 */
export function checkSeparationOfDuties(question: SeparationQuestion): { grants: Grant[]; violations: SeparationViolation[] } {
  const { identity, policy, exceptions, now } = question;
  const excepted = exceptions.filter((one) => one.validFrom <= now && (one.validUntil === null || one.validUntil > now));
  const facts = identityFacts(identity, policy.document.attributes);
  const rules = policy.compiled.separation.flatMap(({ rule, when }) => {
    const result = when?.evaluate({ identity: facts });
    // A rule whose condition cannot be evaluated applies: closed by default.
    const concerns = result === undefined || result.kind === 'error' || (result.kind === 'value' && result.value !== false);
    return concerns ? [rule] : [];
  });
  const violations: SeparationViolation[] = [];
  let grants = [...question.grants];
  // Rules are checked one after another, and again from the first: a grant that one withholds may resolve the conflict of another.
  const preventive = rules.filter(({ detective }) => detective !== true);
  for (let broken = firstBroken(preventive, grants, excepted, now); broken !== null; broken = firstBroken(preventive, grants, excepted, now)) {
    violations.push(broken);
    grants = without(grants, broken.withheld, now);
  }
  return { grants, violations: [...violations, ...rules.flatMap((rule) => detect(rule, grants, question.found ?? [], excepted, now))] };
}

/** Violation of a rule by the grants that stay and by access observed in targets besides. */
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

/** Sort key of a set: the set with the lower one stays. */
function precedence(set: readonly Grant[], { priority }: SeparationRule): string {
  const keys = set.map(({ name, validFrom }) => {
    const place = priority.indexOf(name);
    return `${String(place < 0 ? priority.length : place).padStart(6, '0')} ${validFrom} ${name}`;
  });
  return keys.sort()[0] ?? '';
}

/** Removes the present grants with these names, and the entitlements of the roles among them. */
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
