import type { PolicyDocument } from '../policy.ts';
import { checkCondition, checkDuration, checkGiven, checkUnique, type Path, unknownName } from '../policy-checks.ts';
import type { PolicyProblem } from '../policy-invalid.ts';
import { durationToMilliseconds } from '../dates.ts';
import type { ApprovalStage, Approvers, Owner, RequestRule } from './request-policy.ts';

/** Attributes that name another person. */
export function checkRelations({ relations = {}, attributes }: PolicyDocument): PolicyProblem[] {
  return Object.entries(relations).flatMap(([relation, { attribute }]) => {
    const path = ['relations', relation, 'attribute'];
    if (!Object.hasOwn(attributes, attribute)) return [unknownName(path, attribute, Object.keys(attributes), 'attribute')];
    const type = attributes[attribute]?.type;
    return type === 'string' ? [] : [{ path, message: `${attribute} names a person, so its type is string, not ${type}` }];
  });
}

/** Who answers for roles, entitlements and separation rules: names that exist. */
export function checkOwners(document: PolicyDocument): PolicyProblem[] {
  const owned: readonly (readonly [Path, { readonly owner?: Owner }])[] = [
    ...Object.entries(document.roles).map(([name, role]) => [['roles', name, 'owner'], role] as const),
    ...Object.entries(document.entitlements).map(([name, entitlement]) => [['entitlements', name, 'owner'], entitlement] as const),
    ...document.separation.map((rule, index) => [['separation', index, 'owner'], rule] as const),
  ];
  return owned.flatMap(([path, { owner }]) => (owner === undefined ? [] : checkApprovers(path, owner, document)));
}

/** What may be asked for: known names, conditions and durations, and stages that somebody can answer. */
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
    ...rule.stages.flatMap((stage, index) => checkStage(stage, rule, [...path, 'stages', index], document)),
    ...checkUnique(
      rule.stages.map(({ name }) => name),
      (index) => [...path, 'stages', index, 'name'],
      'stage',
    ),
  ];
}

function checkStage(stage: ApprovalStage, rule: RequestRule, path: Path, document: PolicyDocument): PolicyProblem[] {
  const lists = ['approvers', 'escalateTo'] as const;
  return [
    ...checkSomeTime([...path, 'deadline'], stage.deadline),
    ...(stage.remindAfter === undefined ? [] : checkSomeTime([...path, 'remindAfter'], stage.remindAfter)),
    ...lists.flatMap((list) => stage[list].flatMap((one, index) => checkApprovers([...path, list, index], one, document, rule))),
    ...checkReachable(stage, path),
  ];
}

/** One person by name cannot be two people. */
function checkReachable({ approvers, escalateTo, quorum }: ApprovalStage, path: Path): PolicyProblem[] {
  const single = approvers.every(({ kind }) => kind !== 'holders') && escalateTo.every(({ kind }) => kind !== 'holders');
  const most = approvers.length + escalateTo.length;
  return single && escalateTo.length > 0 && quorum > most
    ? [{ path: [...path, 'quorum'], message: `${quorum} cannot be reached: at most ${most} people are asked` }]
    : [];
}

/** Somebody whom the policy can find. @param rule whose roles and entitlements have to have an owner, where one is asked */
export function checkApprovers(path: Path, approvers: Approvers, document: PolicyDocument, rule?: RequestRule): PolicyProblem[] {
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

/** A duration, and not none at all. */
export function checkSomeTime(path: Path, duration: string): PolicyProblem[] {
  const problems = checkDuration(path, duration);
  return problems.length === 0 && durationToMilliseconds(duration) === 0 ? [{ path, message: 'has to be some time' }] : problems;
}
