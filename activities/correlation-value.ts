import { type Facts, foldCase } from '@tenure/domain';
import type { SourceOrProvider } from './settings-of-source.ts';

/** A value of a record that may say whose it is. */
export interface CorrelationValue {
  readonly by: string;
  readonly value: string;
  /** An attribute ties records together only between sources that both list it as a key, an e-mail only where both sides are trusted for its domain and say that it is verified. */
  readonly kind: 'attribute' | 'email';
  /** True: the source never reassigns the value to another person. An e-mail address may always be reassigned. */
  readonly forLife: boolean;
}

/** A record whose person is looked for. */
export interface Stray {
  readonly source: string;
  readonly values: readonly CorrelationValue[];
}

/** The source's keys that a record has a value for, in order. */
export function correlationValues(source: SourceOrProvider, facts: Facts, emailTrusted: boolean): readonly CorrelationValue[] {
  return source.correlate.flatMap((key): CorrelationValue[] => {
    const kind = 'attribute' in key ? 'attribute' : 'email';
    const by = 'attribute' in key ? key.attribute : 'email';
    const forLife = 'attribute' in key && key.forLife === true;
    const value = facts[by];
    return typeof value === 'string' && value.trim() !== '' && (kind === 'attribute' || emailTrusted) ? [{ by, value, kind, forLife }] : [];
  });
}

/** Compares two values of a correlation key, ignoring the case of A to Z. */
export function isSameKey(a: unknown, b: string): boolean {
  return typeof a === 'string' && foldCase(a) === foldCase(b);
}
