import type { AttributeRules, ObservedAccount } from '../accounts/account.ts';
import { canonicalValue, ruleOf } from '../accounts/account-values.ts';
import type { StagedAccount } from './differences-of.ts';

/**
 * Converts an account to the form that a run stores for comparison, without values.
 * @param attributes names of the mapped attributes; others are not stored
 * @param digest digest function for a value's canonical text
 */
export function stageAccount(observed: ObservedAccount, attributes: readonly string[], rules: AttributeRules, digest: (text: string) => string): StagedAccount {
  const kept: Record<string, string> = {};
  for (const name of attributes) {
    const rule = ruleOf(rules, name);
    if (Object.hasOwn(observed.attributes, name) && rule?.writeOnly !== true) kept[name] = digest(canonicalValue(observed.attributes[name], rule));
  }
  return {
    nativeId: observed.nativeId,
    userName: observed.userName,
    externalId: observed.externalId,
    enabled: observed.enabled,
    attributes: kept,
    entitlements: observed.entitlements,
  };
}
