import type { PolicyDocument } from '../policy/policy.ts';
import { checkCondition, checkGiven, checkSomeTime, checkUnique, type Path, unknownName } from '../policy/policy-checks.ts';
import type { PolicyProblem } from '../policy/policy-invalid.ts';
import { isWorkingDuration } from '../time/working-time.ts';
import type { ApprovalStage, Approvers, Owner, RequestRule } from './request-policy.ts';

/** Checks attributes that name another person. */
export function checkRelations({ relations = {}, attributes }: PolicyDocument): PolicyProblem[] {
  return Object.entries(relations).flatMap(([relation, { attribute }]) => {
    const path = ['relations', relation, 'attribute'];
    if (!Object.hasOwn(attributes, attribute)) return [unknownName(path, attribute, Object.keys(attributes), 'attribute')];
    const type = attributes[attribute]?.type;
    return type === 'string' ? [] : [{ path, message: `${attribute} names a person, so its type is string, not ${type}` }];
  });
}

/** Checks that the owners of roles, entitlements and SoD rules have known names. */
export function checkOwners(document: PolicyDocument): PolicyProblem[] {
  const owned: readonly (readonly [Path, { readonly owner?: Owner }])[] = [
    ...Object.entries(document.roles).map(([name, role]) => [['roles', name, 'owner'], role] as const),
    ...Object.entries(document.entitlements).map(([name, entitlement]) => [['entitlements', name, 'owner'], entitlement] as const),
    ...document.separation.map((rule, index) => [['separation', index, 'owner'], rule] as const),
  ];
  return owned.flatMap(([path, { owner }]) => (owner === undefined ? [] : checkApprovers(path, owner, document)));
}

/** Checks rules for requests: names, conditions and durations are valid, and somebody can answer each stage. */
export function checkRequestable(document: PolicyDocument): PolicyProblem[] {
  const rules = document.requestable ?? [];
  return [
    ...checkUnique(
      rules.map(({ name }) => name),
      (index) => ['requestable', index, 'name'],
      'rule for requests',
    ),
    ...rules.flatMap((rule, index) => checkRule(rule, ['requestable', index], document)),
  ];
}

function checkRule(rule: RequestRule, path: Path, document: PolicyDocument): PolicyProblem[] {
  return [
    ...(rule.when === undefined ? [] : checkCondition([...path, 'when'], rule.when, 'identity', document)),
    ...checkGiven(path, rule, document),
    ...checkSomeTime([...path, 'longest'], rule.longest),
    ...(rule.remind === undefined ? [] : checkSomeTime([...path, 'remind'], rule.remind)),
    ...rule.stages.flatMap((stage, index) => checkStage(stage, rule, [...path, 'stages', index], document)),
    ...checkUnique(
      rule.stages.map(({ name }) => name),
      (index) => [...path, 'stages', index, 'name'],
      'stage',
    ),
  ];
}

/** Checks break-glass rules: conditions, names and durations are valid, and somebody can review the access. */
export function checkBreakGlass(document: PolicyDocument): PolicyProblem[] {
  const rules = document.breakGlass ?? [];
  const lists = ['reviewers', 'tell'] as const;
  return [
    ...checkUnique(
      rules.map(({ name }) => name),
      (index) => ['breakGlass', index, 'name'],
      'break-glass rule',
    ),
    ...rules.flatMap((rule, index) => {
      const path = ['breakGlass', index];
      return [
        ...checkCondition([...path, 'when'], rule.when, 'identity', document),
        ...checkGiven(path, rule, document),
        ...checkSomeTime([...path, 'longest'], rule.longest),
        ...checkWithin(rule, ['reviewWithin'], path, document),
        ...lists.flatMap((list) => rule[list].flatMap((one, place) => checkApprovers([...path, list, place], one, document, rule))),
      ];
    }),
  ];
}

function checkStage(stage: ApprovalStage, rule: RequestRule, path: Path, document: PolicyDocument): PolicyProblem[] {
  const lists = ['approvers', 'escalateTo'] as const;
  return [
    ...checkWithin(stage, ['deadline', 'remindAfter'], path, document),
    ...lists.flatMap((list) => stage[list].flatMap((one, index) => checkApprovers([...path, list, index], one, document, rule))),
    ...checkReachable(stage, path),
  ];
}

/** Checks that durations can be counted, in working time if there is a calendar. */
function checkWithin<Field extends string>(
  timed: Readonly<Partial<Record<Field | 'calendar', string>>>,
  fields: readonly Field[],
  path: Path,
  { calendars = {} }: PolicyDocument,
): PolicyProblem[] {
  const { calendar } = timed;
  const durations = fields.flatMap((field): PolicyProblem[] => {
    const duration: string | undefined = timed[field];
    if (duration === undefined) return [];
    const problems = checkSomeTime([...path, field], duration);
    if (problems.length > 0 || calendar === undefined || isWorkingDuration(duration)) return problems;
    return [{ path: [...path, field], message: `"${duration}" cannot be counted in working time; write days and hours, like P3D or PT8H` }];
  });
  const isKnown = calendar === undefined || Object.hasOwn(calendars, calendar);
  return isKnown ? durations : [...durations, unknownName([...path, 'calendar'], calendar, Object.keys(calendars), 'calendar')];
}

/** Checks that a quorum can be reached: each approver that is not `holders` is one person. */
function checkReachable({ approvers, escalateTo, quorum }: ApprovalStage, path: Path): PolicyProblem[] {
  const single = approvers.every(({ kind }) => kind !== 'holders') && escalateTo.every(({ kind }) => kind !== 'holders');
  const most = approvers.length + escalateTo.length;
  return single && escalateTo.length > 0 && quorum > most
    ? [{ path: [...path, 'quorum'], message: `${quorum} cannot be reached: at most ${most} people are asked` }]
    : [];
}

/** Checks that the policy can find these approvers. @param rule rule whose roles and entitlements must have an owner if `owner` approves */
export function checkApprovers(
  path: Path,
  approvers: Approvers,
  document: PolicyDocument,
  rule?: Pick<RequestRule, 'roles' | 'entitlements'>,
): PolicyProblem[] {
  switch (approvers.kind) {
    case 'manager':
    case 'sponsor':
      return document.relations?.[approvers.kind] === undefined
        ? [{ path, message: `nothing says who is somebody's ${approvers.kind}: name the attribute under relations` }]
        : [];
    case 'owner': {
      const unowned = [
        ...(rule?.roles ?? []).filter((name) => document.roles[name]?.owner === undefined),
        ...(rule?.entitlements ?? []).filter((name) => document.entitlements[name]?.owner === undefined),
      ];
      return unowned.map((name) => ({ path, message: `${name} has no owner` }));
    }
    case 'holders': {
      const known = [...Object.keys(document.roles), ...Object.keys(document.entitlements)];
      return known.includes(approvers.name) ? [] : [unknownName([...path, 'holders'], approvers.name, known, 'role or entitlement')];
    }
    case 'person':
      return [];
  }
}
