import type { PolicyDocument } from '../policy/policy.ts';
import type { ApplicationMapping } from './compile-application.ts';

/** Names of the entitlements of which one lets a person into an application, in order; `null`: its rule decides, and no entitlement does. */
export function lettingEntitlements(
  { name, target, mayUse }: Pick<ApplicationMapping, 'name' | 'target' | 'mayUse'>,
  { entitlements }: Pick<PolicyDocument, 'entitlements'>,
): readonly string[] | null {
  if (mayUse !== null) return 'when' in mayUse ? null : mayUse.entitlements.toSorted();
  const own = Object.values(entitlements).filter((one) => one.target === name || (target !== null && one.target === target));
  return own.map((one) => one.name).toSorted();
}
