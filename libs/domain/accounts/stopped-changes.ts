import { sameValue } from '../account-values.ts';
import type { AccountAttributes, Change } from '../account.ts';

/** Whether two plans mean the same change, though its values may have moved on: the values are read when it is done. */
export function sameChange(a: Change, b: Change): boolean {
  if (a.kind !== b.kind) return false;
  return 'entitlement' in a && 'entitlement' in b ? a.entitlement === b.entitlement : true;
}

/**
 * What is left of a plan when some changes are not to be tried: refused, without effect, or abandoned. Of an update only the attributes
 * that were stopped are left out, and only while the same value is desired: one attribute does not hold back the others.
 */
export function withoutStopped(changes: readonly Change[], stopped: readonly Change[]): Change[] {
  return changes.flatMap((change): Change[] => {
    const alike = stopped.filter((one) => sameChange(one, change));
    if (change.kind !== 'update') return alike.length > 0 ? [] : [change];
    const attributes = Object.fromEntries(Object.entries(change.attributes).filter(([name, value]) => !alike.some((one) => stops(one, name, value))));
    // An update of nothing sets the mark alone.
    return Object.keys(attributes).length > 0 || (Object.keys(change.attributes).length === 0 && alike.length === 0) ? [{ kind: 'update', attributes }] : [];
  });
}

/** Whether a stopped change still is part of the plan; if not, its story has ended. */
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
