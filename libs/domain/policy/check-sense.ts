import { checkExpression, compileExpression } from '../expressions/expressions.ts';
import type { BirthrightRule, PolicyDocument, SeparationRule } from './policy.ts';
import type { PolicyProblem } from './policy-invalid.ts';
import { breaks } from '../separation/separation-sets.ts';

/**
 * Finds settings that are valid but cannot be intended: conditions that nobody can fulfil, and grants that an SoD rule always withholds.
 * Only files are checked: a stored version stays in force under a release with more checks.
 */
export function checkSense(document: PolicyDocument): PolicyProblem[] {
  return [...checkConditions(document), ...document.separation.flatMap((rule) => checkGifts(rule, document))];
}

function checkConditions({ birthright, lifecycle, separation, requestable = [], breakGlass = [], attributes }: PolicyDocument): PolicyProblem[] {
  const parts = { birthright, lifecycle, separation, requestable, breakGlass };
  return Object.entries(parts).flatMap(([part, rules]) =>
    rules.flatMap(({ when }, index) => {
      const kind = part === 'birthright' ? 'rule' : 'identity';
      if (when === undefined || checkExpression(when, 'bool', kind, attributes) !== null) return [];
      const { neverTrue } = compileExpression(when, 'bool', kind, attributes);
      return neverTrue === null ? [] : [{ path: [part, index, 'when'], message: `can never be true: ${neverTrue}` }];
    }),
  );
}

/**
 * Finds one birthright rule, or several with the same condition, that grant what an SoD rule excludes, so that a part is always withheld. Rules
 * that begin at their own dates, and SoD rules for some people only, are left to the plan over all people.
 */
function checkGifts(separation: SeparationRule, { birthright, roles }: PolicyDocument): PolicyProblem[] {
  if (separation.when !== undefined || separation.detective === true || !isSound(separation, roles)) return [];
  const byCondition = Map.groupBy(
    birthright.map((rule, index) => ({ rule, index })).filter(({ rule }) => rule.from === undefined),
    ({ rule }) => rule.when.trim(),
  );
  return [...byCondition.values()].flatMap((together) => {
    const broken = together.findIndex((_, last) =>
      breaks(
        separation,
        together.slice(0, last + 1).flatMap(({ rule }) => givenBy(rule, roles)),
      ),
    );
    const found = together[broken];
    if (found === undefined) return [];
    const before = together.slice(0, broken).map(({ rule }) => rule.name);
    const others = before.length === 0 ? '' : ` together with ${before.join(', ')}, under the same condition,`;
    return [{ path: ['birthright', found.index], message: `gives${others} entitlements that separation-of-duties rule ${separation.name} excludes` }];
  });
}

/** True if the SoD rule has no other problem from which this one would follow. */
function isSound(separation: SeparationRule, roles: PolicyDocument['roles']): boolean {
  const names = separation.conflicting.flat();
  return new Set(names).size === names.length && !Object.values(roles).some(({ name, entitlements }) => breaks(separation, [name, ...entitlements]));
}

function givenBy({ roles, entitlements }: BirthrightRule, known: PolicyDocument['roles']): readonly string[] {
  return [...roles, ...entitlements, ...roles.flatMap((name) => (Object.hasOwn(known, name) ? (known[name]?.entitlements ?? []) : []))];
}
