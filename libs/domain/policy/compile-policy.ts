import { checkPolicy } from './check-policy.ts';
import { type Expression, compileExpression } from '../expressions/expressions.ts';
import { normalText } from '../text/plain-text.ts';
import type { BirthrightRule, GroupRule, LifecycleRule, PolicyDocument, SeparationRule } from './policy.ts';
import { PolicyInvalid } from './policy-invalid.ts';
import type { BreakGlassRule, RequestRule } from '../requests/request-policy.ts';

/** A compiled birthright rule. */
export interface CompiledRule {
  readonly rule: BirthrightRule;
  readonly when: Expression;
  readonly from: Expression | null;
  readonly until: Expression | null;
  /** Timestamps with which `when` compares `now`: the instants at which its result changes with time. */
  readonly turns: readonly { readonly at: Expression; readonly after: boolean }[];
}

/** One compiled version of the policy. It should be compiled once: that takes milliseconds, an evaluation microseconds. */
export interface Policy {
  readonly version: number;
  readonly document: PolicyDocument;
  readonly compiled: {
    readonly birthright: readonly CompiledRule[];
    readonly groups: readonly GroupRule[];
    readonly lifecycle: readonly { readonly rule: LifecycleRule; readonly when: Expression | null }[];
    readonly separation: readonly { readonly rule: SeparationRule; readonly when: Expression | null }[];
    readonly requestable: readonly { readonly rule: RequestRule; readonly when: Expression | null }[];
    readonly breakGlass: readonly { readonly rule: BreakGlassRule; readonly when: Expression | null }[];
  };
}

/**
 * Compiles a policy document.
 * @throws PolicyInvalid with all problems, except for names of sources and targets, which `checkPolicy` checks with a context
 */
export function compilePolicy(document: PolicyDocument, version: number): Policy {
  const problems = checkPolicy(document);
  if (problems.length > 0) throw new PolicyInvalid(problems);
  const concerning = <Rule extends { readonly when?: string }>(rule: Rule): { rule: Rule; when: Expression | null } => ({
    rule,
    when: rule.when === undefined ? null : compileExpression(rule.when, 'bool', 'identity', document.attributes),
  });
  const compiled = {
    birthright: document.birthright.map((rule) => compileRule(rule, document)),
    // Groups of logins are stored in this form.
    groups: document.groups.map((rule) => ({ ...rule, group: normalText(rule.group) })),
    lifecycle: document.lifecycle.map(concerning),
    separation: document.separation.map(concerning),
    requestable: (document.requestable ?? []).map(concerning),
    breakGlass: (document.breakGlass ?? []).map(concerning),
  };
  return { version, document, compiled };
}

function compileRule(rule: BirthrightRule, { attributes }: PolicyDocument): CompiledRule {
  const when = compileExpression(rule.when, 'bool', 'rule', attributes);
  const timestamp = (source: string): Expression => compileExpression(source, 'timestamp', 'identity', attributes);
  return {
    rule,
    when,
    from: rule.from === undefined ? null : timestamp(rule.from),
    until: rule.until === undefined ? null : timestamp(rule.until),
    turns: when.turns.map(({ at, after }) => ({ at: timestamp(at), after })),
  };
}
