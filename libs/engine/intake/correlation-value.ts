import { type Facts, foldCase } from '@tenure/domain';
import { type SourceOrProvider, trustsDomainOf } from './settings-of-source.ts';

/** A value of a record by which it may be correlated. */
export interface CorrelationValue {
  readonly by: string;
  readonly value: string;
  /**
   * An attribute ties records together only between sources that both list it as a key, an e-mail only where both sides are trusted for its domain
   * and state that it is verified.
   */
  readonly kind: 'attribute' | 'email';
  /** True: the source never reassigns the value to another person. An e-mail address may always be reassigned. */
  readonly forLife: boolean;
}

/** A record whose identity is to be found. */
export interface Stray {
  readonly source: string;
  readonly values: readonly CorrelationValue[];
}

/**
 * The source's keys that a record has a value for, in order. An address is never a plain key: the attribute `email` counts as the e-mail, and of a
 * login an address in any other attribute (a UPN) only where the provider is trusted for its domain.
 */
export function correlationValues(source: SourceOrProvider, facts: Facts, emailTrusted: boolean): readonly CorrelationValue[] {
  return source.correlate.flatMap((key): CorrelationValue[] => {
    const by = 'attribute' in key ? key.attribute : 'email';
    const kind = by === 'email' ? 'email' : 'attribute';
    const forLife = kind === 'attribute' && 'attribute' in key && key.forLife === true;
    const value = facts[by];
    if (typeof value !== 'string' || value.trim() === '') return [];
    return (kind === 'email' ? emailTrusted : mayAssert(source, value)) ? [{ by, value, kind, forLife }] : [];
  });
}

function mayAssert(source: SourceOrProvider, value: string): boolean {
  return !('protocol' in source) || !value.includes('@') || trustsDomainOf(source, value);
}

/** Compares two values of a correlation key, ignoring the case of A to Z. */
export function isSameKey(a: unknown, b: string): boolean {
  return typeof a === 'string' && foldCase(a) === foldCase(b);
}
