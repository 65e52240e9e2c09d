import type { AccountAttributes } from './account.ts';
import type { AttributeValue } from './facts.ts';

/**
 * Whether a target's value says the same as ours. Targets speak dialects: a single value as a list of one, numbers and
 * booleans as texts, sets in any order, an empty value for none.
 */
export function sameValue(ours: AttributeValue | undefined, theirs: AttributeValue | undefined): boolean {
  return normalised(ours) === normalised(theirs);
}

function normalised(value: AttributeValue | undefined): string {
  const items = value === undefined ? [] : Array.isArray(value) ? value : [value];
  return JSON.stringify(
    items
      .map(scalar)
      .filter((item) => item !== '')
      .sort(),
  );
}

function scalar(value: string | number | boolean): string {
  return typeof value === 'string' && /^(true|false)$/i.test(value) ? value.toLowerCase() : String(value);
}

/** Our attributes that the target does not show yet. What we do not map is not ours to compare. */
export function changedAttributes(ours: AccountAttributes, theirs: AccountAttributes): AccountAttributes {
  return Object.fromEntries(Object.entries(ours).filter(([name, value]) => !sameValue(value, Object.hasOwn(theirs, name) ? theirs[name] : undefined)));
}
