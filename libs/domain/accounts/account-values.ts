import type { AccountAttributes, AttributeRule, AttributeRules } from './account.ts';
import type { AttributeValue } from '../identity/facts.ts';

/**
 * True if a target's value is equivalent to ours. Targets differ in form: a single value as a list of one, numbers and
 * booleans as texts, sets in any order, an empty value for none, letters composed or decomposed (Unicode NFC, NFD).
 */
export function sameValue(ours: AttributeValue | undefined, theirs: AttributeValue | undefined, rule?: AttributeRule): boolean {
  return canonicalValue(ours, rule) === canonicalValue(theirs, rule);
}

/** Returns one text for all values that `sameValue` treats as equal; `[]` for none. It contains the value, so it must not be logged. */
export function canonicalValue(value: AttributeValue | undefined, rule?: AttributeRule): string {
  // Most values are one text.
  if (typeof value === 'string') return value === '' ? '[]' : `[${JSON.stringify(canonicalItem(value, rule))}]`;
  return JSON.stringify([...new Set(items(value).map((item) => canonicalItem(item, rule)))].sort());
}

/**
 * Returns our attributes whose value in the target differs. Unmapped attributes are not compared.
 * @param rules rules of comparison; absent: every attribute is compared exactly. Write-only attributes are never returned.
 */
export function changedAttributes(ours: AccountAttributes, theirs: AccountAttributes, rules: AttributeRules = {}): AccountAttributes {
  return Object.fromEntries(
    Object.entries(ours).filter(([name, value]) => {
      const rule = ruleOf(rules, name);
      return rule?.writeOnly !== true && !sameValue(value, Object.hasOwn(theirs, name) ? theirs[name] : undefined, rule);
    }),
  );
}

/** Returns the rule of one attribute; most have none. */
export function ruleOf(rules: AttributeRules | undefined, name: string): AttributeRule | undefined {
  return rules !== undefined && Object.hasOwn(rules, name) ? rules[name] : undefined;
}

/**
 * True if two values are equal without look-alikes, so that equality proves the owner of an account: as `sameValue`, but
 * a letter of another script never equals the ASCII letter that it folds to (the Kelvin sign as k, the long s as s, ß as ss).
 */
export function isProvenSame(ours: AttributeValue | undefined, theirs: AttributeValue | undefined, rule?: AttributeRule): boolean {
  if (!sameValue(ours, theirs, rule)) return false;
  const texts = [...items(ours), ...items(theirs)];
  return isIdentical(items(ours), items(theirs)) || !texts.some(hasLookalike);
}

/** True if a text composed of several facts contains the whole fact, ignoring case; of a multi-valued fact, one value. */
export function isProvenPart(fact: AttributeValue, whole: string | number | boolean): boolean {
  const fold = (text: string): string => (hasLookalike(text) ? text : foldFully(text));
  return items(fact).some((part) => fold(scalar(whole)).includes(fold(part)));
}

function canonicalItem(item: string, rule: AttributeRule | undefined): string {
  const text = scalar(item);
  return rule?.compare === 'caseless' ? foldFully(text) : text.normalize('NFC');
}

function items(value: AttributeValue | undefined): readonly string[] {
  const values = value === undefined ? [] : Array.isArray(value) ? value : [value];
  return values.map(scalar).filter((item) => item !== '');
}

function scalar(value: string | number | boolean): string {
  return typeof value === 'string' && /^(true|false)$/i.test(value) ? value.toLowerCase() : String(value);
}

/** Unicode case folding (section 3.13, D145), by way of capitals since JavaScript has no folding of its own. */
export function foldFully(text: string): string {
  return text.normalize('NFC').toUpperCase().toLowerCase().replaceAll('ς', 'σ').normalize('NFC');
}

/** True if a text contains a letter of another script that folds to an ASCII letter. */
export function hasLookalike(text: string): boolean {
  return [...text].some((letter) => /[^\p{ASCII}]/u.test(letter) && /\p{ASCII}/u.test(foldFully(letter)));
}

function isIdentical(ours: readonly string[], theirs: readonly string[]): boolean {
  return JSON.stringify(ours.toSorted()) === JSON.stringify(theirs.toSorted());
}
