import { canonicalValue } from '../accounts/account-values.ts';
import { checkCalendars } from './check-calendars.ts';
import { checkBudget } from '../batches/check-budget.ts';
import { addDuration } from '../time/dates.ts';
import { checkExpression } from '../expressions/expressions.ts';
import { BUILT_IN_ATTRIBUTES } from '../identity/identity-facts.ts';
import { checkCondition, checkDuration, checkGiven, checkNames, checkSomeTime, checkUnique, type Path, sentence, unknownName } from './policy-checks.ts';
import type { BirthrightRule, LifecycleRule, PersonNaming, PolicyDocument, SeparationRule } from './policy.ts';
import type { PolicyProblem } from './policy-invalid.ts';
import { checkCases } from '../cases/check-cases.ts';
import { checkSense } from './check-sense.ts';
import { breaks } from '../separation/separation-sets.ts';
import { checkBreakGlass, checkOwners, checkRelations, checkRequestable } from '../requests/check-requestable.ts';

/** Names that the policy refers to but does not define itself. */
export interface PolicyContext {
  readonly targets: readonly string[];
  /** Targets that compare names of groups without case; absent: none. */
  readonly caseless?: readonly string[];
  /** Sources and identity providers. */
  readonly sources: readonly string[];
}

/** The built-in target and the roles in Tenure itself. */
export const TENURE_TARGET = 'tenure';
export const TENURE_ROLES: readonly string[] = ['admin', 'operator', 'auditor', 'self'];

/**
 * Checks a policy document as a whole: names, CEL types against the attribute schema, durations, duplicates.
 * @param context absent: names of sources and targets, and settings that are valid but pointless, are not checked
 * @returns all problems; empty if it can be compiled
 */
export function checkPolicy(document: PolicyDocument, context?: PolicyContext): PolicyProblem[] {
  return [
    ...checkAttributes(document),
    ...checkEntitlements(document, context),
    ...Object.entries(document.roles).flatMap(([name, role]) =>
      checkNames(['roles', name, 'entitlements'], role.entitlements, Object.keys(document.entitlements), 'entitlement'),
    ),
    ...document.birthright.flatMap((rule, index) => checkBirthright(rule, ['birthright', index], document)),
    ...checkUnique(
      document.birthright.map(({ name }) => name),
      (index) => ['birthright', index, 'name'],
      'rule',
    ),
    ...checkGroups(document, context),
    ...checkLifecycle(document),
    ...checkUnique(
      document.lifecycle.map(({ name }) => name),
      (index) => ['lifecycle', index, 'name'],
      'lifecycle rule',
    ),
    ...document.separation.flatMap((rule, index) => checkSeparation(rule, ['separation', index], document)),
    ...checkUnique(
      document.separation.map(({ name }) => name),
      (index) => ['separation', index, 'name'],
      'separation rule',
    ),
    ...checkCalendars(document),
    ...checkRelations(document),
    ...checkOwners(document),
    ...checkRequestable(document),
    ...checkBreakGlass(document),
    ...checkBudget(document, context && [...context.targets, TENURE_TARGET]),
    ...checkCases(document),
    ...(context === undefined ? [] : checkSense(document)),
  ];
}

/** Reserved words of CEL, which cannot follow a dot. */
const RESERVED = [
  'true',
  'false',
  'null',
  'in',
  'as',
  'break',
  'const',
  'continue',
  'else',
  'for',
  'function',
  'if',
  'import',
  'let',
  'loop',
  'package',
  'namespace',
  'return',
  'var',
  'void',
  'while',
];

/** Attributes that determine the lifecycle. */
const DAYS = ['startDate', 'endDate', 'leaveStart', 'leaveEnd'];

function checkAttributes({ attributes }: PolicyDocument): PolicyProblem[] {
  return Object.entries(attributes).flatMap(([name, { type }]) => {
    const path = ['attributes', name];
    if (Object.hasOwn(BUILT_IN_ATTRIBUTES, name)) return [{ path, message: `${name} is built in and cannot be defined` }];
    if (name in Object.prototype) return [{ path, message: `${name} cannot be used as a name; choose another` }];
    if (RESERVED.includes(name)) return [{ path, message: `${name} is a word of CEL; choose another name` }];
    if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(name)) return [{ path, message: 'a name begins with a letter and has only letters, digits and _' }];
    if (DAYS.includes(name) && type !== 'date' && type !== 'instant')
      return [{ path: [...path, 'type'], message: `${name} decides about the lifecycle, so its type is date or instant, not ${type}` }];
    return name === 'timeZone' && type !== 'string'
      ? [{ path: [...path, 'type'], message: `${name} is the name of the zone in which the person's days begin and end, so its type is string, not ${type}` }]
      : [];
  });
}

/** Message about the removed role. Stored versions may have it: it never gave any right, so it does no harm there. */
const noApprover = 'approver was a role that opened nothing, and is gone: name who approves in holders, by a role or an entitlement of a target';

function checkEntitlements(document: PolicyDocument, context: PolicyContext | undefined): PolicyProblem[] {
  const seen = new Map<string, { readonly name: string; readonly value: string | null }>();
  return Object.entries(document.entitlements).flatMap(([name, { target, value }]) => {
    const path = ['entitlements', name];
    const asCompared = context?.caseless?.includes(target) === true && value !== null ? withoutCase(value) : value;
    const twin = seen.get(`${target}\n${asCompared}`);
    seen.set(`${target}\n${asCompared}`, { name, value });
    if (target === TENURE_TARGET && value === 'approver') return context === undefined ? [] : [{ path: [...path, 'value'], message: noApprover }];
    if (target === TENURE_TARGET)
      return value !== null && TENURE_ROLES.includes(value) ? [] : [unknownName([...path, 'value'], value ?? '', TENURE_ROLES, 'role in Tenure')];
    if (context !== undefined && !context.targets.includes(target))
      return [unknownName([...path, 'target'], target, [...context.targets, TENURE_TARGET], 'target')];
    if (twin === undefined || value === null) return [];
    const why = twin.value === value ? '' : `: it is written otherwise, and ${target} compares names of groups without upper and lower case`;
    return [{ path: [...path, 'value'], message: `is the same in ${target} as entitlement ${twin.name}${why}` }];
  });
}

/** Normalises a name as directories compare it: without case, and with single spaces. */
function withoutCase(name: string): string {
  return canonicalValue(name.normalize('NFKC').replaceAll(/\s+/g, ' ').trim(), { compare: 'caseless' });
}

function checkBirthright(rule: BirthrightRule, path: Path, document: PolicyDocument): PolicyProblem[] {
  const expression = (field: 'from' | 'until'): PolicyProblem[] => {
    const source = rule[field];
    return source === undefined ? [] : sentence([...path, field], checkExpression(source, 'timestamp', 'identity', document.attributes));
  };
  return [
    ...(rule.name.includes('/') ? [{ path: [...path, 'name'], message: 'a name has no slash' }] : []),
    ...checkCondition([...path, 'when'], rule.when, 'rule', document),
    ...expression('from'),
    ...expression('until'),
    ...checkDuration([...path, 'duration'], rule.duration),
    ...checkDuration([...path, 'grace'], rule.grace),
    ...checkGiven(path, rule, document),
  ];
}

function checkGroups(document: PolicyDocument, context: PolicyContext | undefined): PolicyProblem[] {
  const keys = document.groups.map(({ source, group }) => `${source}/${group}`);
  return [
    ...checkUnique(keys, (index) => ['groups', index, 'group'], 'group'),
    ...document.groups.flatMap((rule, index) => {
      const path = ['groups', index];
      const source =
        context === undefined || context.sources.includes(rule.source)
          ? []
          : [unknownName([...path, 'source'], rule.source, context.sources, 'source or identity provider')];
      return [...source, ...checkGiven(path, rule, document)];
    }),
  ];
}

function checkLifecycle(document: PolicyDocument): PolicyProblem[] {
  const { lifecycle } = document;
  const everybody = lifecycle.findIndex(({ when }) => when === undefined);
  return lifecycle.flatMap((rule, index) => [
    ...(rule.when === undefined ? [] : checkCondition(['lifecycle', index, 'when'], rule.when, 'identity', document)),
    ...checkNames(['lifecycle', index, 'requires'], rule.requires ?? [], Object.keys(document.attributes), 'attribute'),
    ...checkDuration(['lifecycle', index, 'start', 'createBefore'], rule.start.createBefore),
    ...checkDuration(['lifecycle', index, 'end', 'grace'], rule.end.grace),
    ...checkDuration(['lifecycle', index, 'end', 'lookAgain'], rule.end.lookAgain),
    ...checkNaming(['lifecycle', index, 'end', 'transfer', 'to', 'attribute'], rule.end.transfer?.to, document),
    ...checkInactivity(['lifecycle', index, 'inactivity'], rule.inactivity),
    ...checkExtension(['lifecycle', index, 'extension'], rule.extension, document),
    ...(everybody >= 0 && index > everybody
      ? [{ path: ['lifecycle', index], message: `never applies, because ${lifecycle[everybody]?.name ?? ''} before it applies to everybody` }]
      : []),
  ]);
}

/** Checks that each step comes after the one before it. */
function checkInactivity(path: Path, inactivity: LifecycleRule['inactivity']): PolicyProblem[] {
  if (inactivity === undefined) return [];
  const steps = (['warn', 'disable', 'remove'] as const).flatMap((field) => {
    const duration = inactivity[field];
    return duration === undefined ? [] : [{ field, duration }];
  });
  const wrong = steps.flatMap(({ field, duration }) => checkSomeTime([...path, field], duration));
  if (wrong.length > 0) return wrong;
  const lengths = steps.map(({ field, duration }) => ({ field, at: addDuration('2026-01-01T00:00:00.000Z', duration, 'UTC') }));
  return lengths.flatMap(({ field, at }, index) => {
    const before = lengths[index - 1];
    return before !== undefined && at <= before.at ? [{ path: [...path, field], message: `has to be more than ${before.field}` }] : [];
  });
}

/** Checks that an extension has a sponsor who decides and an end to extend. */
function checkExtension(path: Path, extension: LifecycleRule['extension'], { attributes, relations }: PolicyDocument): PolicyProblem[] {
  if (extension === undefined) return [];
  return [
    ...checkDuration([...path, 'ask'], extension.ask),
    ...checkSomeTime([...path, 'maximum'], extension.maximum),
    ...(extension.inAll === undefined ? [] : checkSomeTime([...path, 'inAll'], extension.inAll)),
    ...(Object.hasOwn(attributes, 'endDate') ? [] : [{ path, message: 'there is no attribute endDate that could be made later' }]),
    ...(relations?.sponsor === undefined ? [{ path, message: "nothing says who is somebody's sponsor: name the attribute under relations" }] : []),
  ];
}

/** Checks an attribute that names a person. */
function checkNaming(path: Path, naming: PersonNaming | undefined, { attributes }: PolicyDocument): PolicyProblem[] {
  if (naming === undefined) return [];
  const { attribute } = naming;
  if (!Object.hasOwn(attributes, attribute)) return [unknownName(path, attribute, Object.keys(attributes), 'attribute')];
  const type = attributes[attribute]?.type;
  return type === 'string' ? [] : [{ path, message: `${attribute} names a person, so its type is string, not ${type}` }];
}

/** Checks that the sets have known names, each name in one set, and that no role violates the rule by itself. */
function checkSeparation(rule: SeparationRule, path: Path, document: PolicyDocument): PolicyProblem[] {
  const { conflicting, atMost } = rule;
  const known = [...Object.keys(document.roles), ...Object.keys(document.entitlements)];
  const names = conflicting.flatMap((set, index) => set.map((name, position) => ({ name, at: [...path, 'conflicting', index, position] })));
  const twice = names.filter(({ name }, index) => names.findIndex((other) => other.name === name) < index);
  return [
    ...(rule.when === undefined ? [] : checkCondition([...path, 'when'], rule.when, 'identity', document)),
    ...names.flatMap(({ name, at }) => (known.includes(name) ? [] : [unknownName(at, name, known, 'role or entitlement')])),
    ...twice.map(({ name, at }) => ({ path: at, message: `${name} stands in this rule twice` })),
    ...rule.priority.flatMap((name, index) =>
      names.some((one) => one.name === name) ? [] : [{ path: [...path, 'priority', index], message: `${name} is not among what this rule separates` }],
    ),
    ...(atMost < conflicting.length ? [] : [{ path: [...path, 'atMost'], message: `with ${conflicting.length} sets, ${atMost} at most forbids nothing` }]),
    ...Object.values(document.roles)
      .filter(({ name, entitlements }) => breaks(rule, [name, ...entitlements]))
      .map(({ name }) => ({ path: [...path, 'conflicting'], message: `role ${name} violates this rule by itself: nobody could have all of it` })),
  ];
}
