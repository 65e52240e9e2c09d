import type { Policy } from '../policy/compile-policy.ts';
import type { Expression } from '../expressions/expressions.ts';
import type { Identity } from '../identity/facts.ts';
import { identityFacts } from '../identity/identity-facts.ts';
import type { BreakGlassRule, RequestRule } from './request-policy.ts';

/** A role or an entitlement by its name. */
export interface AccessName {
  readonly kind: 'role' | 'entitlement';
  readonly name: string;
}

/**
 * Returns the rule by which access may be requested for this person.
 * @returns `not-offered`: no rule names it; `not-for-them`: none of those that do applies to the person
 */
export function mayAsk(policy: Policy, identity: Identity, access: AccessName): RequestRule | NotOpen {
  return firstFor(policy.compiled.requestable, policy, identity, access);
}

/** Returns the rule by which this person may take break-glass access. */
export function mayBreakGlass(policy: Policy, identity: Identity, access: AccessName): BreakGlassRule | NotOpen {
  return firstFor(policy.compiled.breakGlass, policy, identity, access);
}

/** Reason for which no rule offers the access to the person. */
export type NotOpen = 'not-offered' | 'not-for-them';

function firstFor<Rule extends Pick<RequestRule, 'roles' | 'entitlements'>>(
  rules: readonly { readonly rule: Rule; readonly when: Expression | null }[],
  policy: Policy,
  identity: Identity,
  { kind, name }: AccessName,
): Rule | NotOpen {
  const exists = Object.hasOwn(kind === 'role' ? policy.document.roles : policy.document.entitlements, name);
  const offering = rules.filter(({ rule }) => (kind === 'role' ? rule.roles : rule.entitlements).includes(name));
  if (!exists || offering.length === 0) return 'not-offered';
  const facts = identityFacts(identity, policy.document.attributes);
  const found = offering.find(({ when }) => {
    const result = when?.evaluate({ identity: facts });
    // A condition that cannot be evaluated allows nothing: closed by default.
    return result === undefined || (result.kind === 'value' && result.value === true);
  });
  return found?.rule ?? 'not-for-them';
}

/** Access that any of these rules offers to anybody: roles first, each in the order of names. */
export function offered(rules: readonly Pick<RequestRule, 'roles' | 'entitlements'>[] = []): readonly AccessName[] {
  const names = (kind: AccessName['kind'], all: readonly string[]): AccessName[] => [...new Set(all)].sort().map((name) => ({ kind, name }));
  return [
    ...names(
      'role',
      rules.flatMap(({ roles }) => roles),
    ),
    ...names(
      'entitlement',
      rules.flatMap(({ entitlements }) => entitlements),
    ),
  ];
}
