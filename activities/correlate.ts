import type { Facts, Instant } from '@tenure/domain';
import type { Candidate } from '@tenure/store';
import type { SourceOrProvider } from './settings-of-source.ts';

/** Which identity a record belongs to, and by which key that was found. */
export type Correlation =
  | { readonly kind: 'found'; readonly identityId: string; readonly by: string }
  | { readonly kind: 'ambiguous'; readonly candidates: readonly string[]; readonly by: string }
  | { readonly kind: 'none' };

/** A value of a record that may say whose it is. */
export interface CorrelationValue {
  readonly by: string;
  readonly value: string;
  /** An attribute ties records together only between sources that both list it as a key, an e-mail only where both sides are trusted for its domain and say that it is verified. */
  readonly kind: 'attribute' | 'email';
}

/** The source's keys that a record has a value for, in order. */
export function correlationValues(source: SourceOrProvider, facts: Facts, emailTrusted: boolean): readonly CorrelationValue[] {
  return source.correlate.flatMap((key): CorrelationValue[] => {
    const kind = 'attribute' in key ? 'attribute' : 'email';
    const by = 'attribute' in key ? key.attribute : 'email';
    const value = facts[by];
    return typeof value === 'string' && value.trim() !== '' && (kind === 'attribute' || emailTrusted) ? [{ by, value, kind }] : [];
  });
}

/**
 * The first key that finds anybody decides. Never guesses: two candidates are a question for a person, and so is somebody who has
 * left and is found by an e-mail, since addresses are given to new people.
 */
export function correlate(values: readonly CorrelationValue[], candidatesOf: (value: CorrelationValue) => readonly Candidate[], now: Instant): Correlation {
  for (const wanted of values) {
    const [first, ...others] = candidatesOf(wanted);
    if (first === undefined) continue;
    const isQuestion = others.length > 0 || (wanted.kind === 'email' && hasEnded(first, now));
    return isQuestion
      ? { kind: 'ambiguous', candidates: [first, ...others].map(({ identityId }) => identityId), by: wanted.by }
      : { kind: 'found', identityId: first.identityId, by: wanted.by };
  }
  return { kind: 'none' };
}

function hasEnded({ state, next }: Candidate, now: Instant): boolean {
  // The end may have come before its timer.
  const current = next !== null && next.at <= now ? next.state : state;
  return current !== 'active' && current !== 'pre-hire' && current !== 'suspended';
}
