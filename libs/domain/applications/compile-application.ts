import { compileExpression, type Expression } from '../expressions/expressions.ts';
import type { AttributeSchema } from '../identity/facts.ts';

/** Settings of an application that decide who may use it and which claims it receives. */
export interface ApplicationMapping {
  readonly name: string;
  /** `null`: accounts come by login alone. */
  readonly target: string | null;
  /** `null`: people with a grant of any entitlement of the application or its target. */
  readonly mayUse: { readonly entitlements: readonly string[] } | { readonly when: string } | null;
  readonly attributes: Readonly<Record<string, string>>;
  readonly groups: string | null;
  readonly subject: 'pairwise' | 'email';
  /** Longest session there, in milliseconds. */
  readonly session: number;
}

/** An application with compiled expressions. */
export interface CompiledApplication extends ApplicationMapping {
  readonly schema: AttributeSchema;
  /** `null`: entitlements decide. */
  readonly when: Expression | null;
  readonly claims: Readonly<Record<string, Expression>>;
  readonly groupsExpression: Expression | null;
}

/** @throws ExpressionRefused if an expression is invalid */
export function compileApplication(application: ApplicationMapping, schema: AttributeSchema): CompiledApplication {
  const { name, target, mayUse, attributes, groups, subject, session } = application;
  return {
    name,
    target,
    mayUse,
    attributes,
    groups,
    subject,
    session,
    schema,
    when: mayUse !== null && 'when' in mayUse ? compileExpression(mayUse.when, 'bool', 'identity', schema) : null,
    claims: Object.fromEntries(Object.entries(attributes).map(([claim, source]) => [claim, compileExpression(source, 'any', 'application', schema)])),
    groupsExpression: groups === null ? null : compileExpression(groups, 'strings', 'application', schema),
  };
}
