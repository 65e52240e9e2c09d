import type { Objection, SubjectChange, WhyAmbiguous } from '@tenure/domain';
import type { CorrelationValue, Stray } from './correlation-value.ts';
import type { KnownPerson } from './known-person.ts';
import { objectionTo } from './may-link.ts';

/** Which identity a record belongs to, and by which key that was found. */
export type Correlation =
  /** `forLife`: nobody else can have that key. */
  | { readonly kind: 'found'; readonly identityId: string; readonly by: string; readonly forLife: boolean }
  | {
      readonly kind: 'ambiguous';
      /** Everybody who matches by a key, those first about whom it is. */
      readonly candidates: readonly string[];
      readonly by: string;
      readonly why: WhyAmbiguous;
      /** With `another-subject`: what is new about this one. */
      readonly change?: SubjectChange;
    }
  | { readonly kind: 'none' };

/**
 * Whose a record is. A key for life decides wherever it stands in the list, over an end and beside other records of the same source. A key
 * that may be used again links to the only one who has it now, unless something speaks against it. Never guesses: everything else is a
 * question for a person.
 */
export function correlate(stray: Stray, candidatesOf: (value: CorrelationValue) => readonly KnownPerson[]): Correlation {
  const { values } = stray;
  const everybody = unique(values.flatMap((value) => [...candidatesOf(value)]));
  const ambiguous = (by: string, about: readonly KnownPerson[], why: 'several' | Objection): Correlation => {
    return { kind: 'ambiguous', candidates: unique([...about, ...everybody]).map(({ identityId }) => identityId), by, why };
  };
  const settle = (by: string, [first, ...others]: readonly KnownPerson[], reusable: CorrelationValue | null): Correlation | null => {
    if (first === undefined) return null;
    const why = others.length > 0 ? 'several' : objectionTo(first, stray, reusable);
    return why === null ? { kind: 'found', identityId: first.identityId, by, forLife: reusable === null } : ambiguous(by, [first, ...others], why);
  };

  const lasting = values.filter(({ forLife }) => forLife);
  const foundForLife = unique(lasting.flatMap((value) => candidatesOf(value).filter((person) => person.hasForLife(value))));
  const byLasting = lasting.find((value) => candidatesOf(value).some((person) => person.hasForLife(value)))?.by ?? '';
  const decided = settle(byLasting, foundForLife, null);
  if (decided !== null) return decided;
  for (const value of values) {
    const candidates = candidatesOf(value);
    // Who had it before and has left does not make it a question who has it now.
    const having = candidates.filter((person) => person.hasNow(value));
    const found = settle(value.by, having.length > 0 ? having : candidates, value);
    if (found !== null) return found;
  }
  return { kind: 'none' };
}

function unique(people: readonly KnownPerson[]): readonly KnownPerson[] {
  return [...new Map(people.map((person) => [person.identityId, person])).values()];
}
