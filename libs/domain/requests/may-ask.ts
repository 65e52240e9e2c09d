import type { Policy } from '../compile-policy.ts';
import type { Identity } from '../facts.ts';
import { identityFacts } from '../identity-facts.ts';
import type { RequestRule } from './request-policy.ts';

/** A role or an entitlement by its name. */
export interface AccessName {
  readonly kind: 'role' | 'entitlement';
  readonly name: string;
}

/**
 * The rule by which something may be asked for this person.
 * @returns `not-offered`: no rule names it; `not-for-them`: none of those that do holds for the person
 */
export function mayAsk(policy: Policy, identity: Identity, { kind, name }: AccessName): RequestRule | 'not-offered' | 'not-for-them' {
  const exists = Object.hasOwn(kind === 'role' ? policy.document.roles : policy.document.entitlements, name);
  const offering = policy.compiled.requestable.filter(({ rule }) => (kind === 'role' ? rule.roles : rule.entitlements).includes(name));
  if (!exists || offering.length === 0) return 'not-offered';
  const facts = identityFacts(identity, policy.document.attributes);
  const found = offering.find(({ when }) => {
    const result = when?.evaluate({ identity: facts });
    // One that cannot be evaluated allows nothing: closed by default.
    return result === undefined || (result.kind === 'value' && result.value === true);
  });
  return found?.rule ?? 'not-for-them';
}

/** Everything that some rule offers, whoever it is for: roles first, each in the order of names. */
export function offered(policy: Policy): readonly AccessName[] {
  const names = (kind: AccessName['kind'], all: readonly string[]): AccessName[] => [...new Set(all)].sort().map((name) => ({ kind, name }));
  const rules = policy.document.requestable ?? [];
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
