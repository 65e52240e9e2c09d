import { sameValue } from './account-values.ts';
import type { AccountAttributes, Change } from './account.ts';

/** Compares two planned changes without their values, which may have changed: values are read when the change is made. */
export function sameChange(a: Change, b: Change): boolean {
  if (a.kind !== b.kind) return false;
  return 'entitlement' in a && 'entitlement' in b ? a.entitlement === b.entitlement : true;
}

/**
 * Returns the plan without the changes that must not be tried: refused, without effect, or abandoned. Of an update only the stopped
 * attributes are left out, and only while the same value is desired: one attribute does not block the others.
 */
export function withoutStopped(changes: readonly Change[], stopped: readonly Change[]): Change[] {
  return changes.flatMap((change): Change[] => {
    const alike = stopped.filter((one) => sameChange(one, change));
    if (change.kind !== 'update') return alike.length > 0 ? [] : [change];
    const attributes = Object.fromEntries(Object.entries(change.attributes).filter(([name, value]) => !alike.some((one) => stops(one, name, value))));
    // An update without attributes only sets the mark.
    return Object.keys(attributes).length > 0 || (Object.keys(change.attributes).length === 0 && alike.length === 0) ? [{ kind: 'update', attributes }] : [];
  });
}

/** True if a stopped change is still part of the plan; otherwise it is settled. */
export function isStillPlanned(stopped: Change, changes: readonly Change[]): boolean {
  return changes.some((change) => {
    if (!sameChange(stopped, change)) return false;
    if (change.kind !== 'update') return true;
    const isEmpty = Object.keys(change.attributes).length === 0 && 'attributes' in stopped && Object.keys(stopped.attributes).length === 0;
    return isEmpty || Object.entries(change.attributes).some(([name, value]) => stops(stopped, name, value));
  });
}

function stops(stopped: Change, name: string, value: AccountAttributes[string]): boolean {
  return 'attributes' in stopped && Object.hasOwn(stopped.attributes, name) && sameValue(stopped.attributes[name], value);
}
