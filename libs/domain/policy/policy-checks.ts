import { durationToMilliseconds, isDuration } from '../time/dates.ts';
import { checkExpression } from '../expressions/expressions.ts';
import { didYouMean } from '../text/nearest-name.ts';
import type { PolicyDocument } from './policy.ts';
import type { PolicyProblem } from './policy-invalid.ts';

/** Path in a policy document. */
export type Path = readonly (string | number)[];

/** Checks that a condition is CEL of type bool. */
export function checkCondition(path: Path, when: string, kind: 'rule' | 'identity', { attributes }: PolicyDocument): PolicyProblem[] {
  return sentence(path, checkExpression(when, 'bool', kind, attributes));
}

/** Checks that a rule grants at least one role or entitlement, and that the names are known. */
export function checkGiven(
  path: Path,
  given: { readonly roles: readonly string[]; readonly entitlements: readonly string[] },
  document: PolicyDocument,
): PolicyProblem[] {
  if (given.roles.length + given.entitlements.length === 0) return [{ path, message: 'gives nothing: name roles or entitlements' }];
  return [
    ...checkNames([...path, 'roles'], given.roles, Object.keys(document.roles), 'role'),
    ...checkNames([...path, 'entitlements'], given.entitlements, Object.keys(document.entitlements), 'entitlement'),
  ];
}

/** Checks an optional ISO 8601 duration. */
export function checkDuration(path: Path, duration: string | undefined): PolicyProblem[] {
  return duration === undefined || isDuration(duration) ? [] : [{ path, message: `"${duration}" is no ISO 8601 duration; write it like P90D, PT8H or P1Y` }];
}

/** Checks a duration, which must be longer than zero. */
export function checkSomeTime(path: Path, duration: string): PolicyProblem[] {
  const problems = checkDuration(path, duration);
  return problems.length === 0 && durationToMilliseconds(duration) === 0 ? [{ path, message: 'has to be some time' }] : problems;
}

/** Checks that names are known, and each is listed once. */
export function checkNames(path: Path, names: readonly string[], valid: readonly string[], kind: string): PolicyProblem[] {
  return names.flatMap((name, index) => {
    if (!valid.includes(name)) return [unknownName([...path, index], name, valid, kind)];
    return names.indexOf(name) < index ? [{ path: [...path, index], message: `${kind} ${name} stands here twice` }] : [];
  });
}

/** Checks that no name occurs twice. */
export function checkUnique(names: readonly string[], path: (index: number) => Path, kind: string): PolicyProblem[] {
  return names.flatMap((name, index) => (names.indexOf(name) < index ? [{ path: path(index), message: `${kind} ${name} is defined twice` }] : []));
}

/** Problem of an unknown name, with the nearest valid one. */
export function unknownName(path: Path, name: string, valid: readonly string[], kind: string): PolicyProblem {
  return { path, message: `there is no ${kind} ${JSON.stringify(name)}${didYouMean(name, valid)}` };
}

/** A list with one problem; empty if the message is `null`. */
export function sentence(path: Path, message: string | null): PolicyProblem[] {
  return message === null ? [] : [{ path, message }];
}
