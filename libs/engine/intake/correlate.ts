import type { Objection, SubjectChange, WhyAmbiguous } from '@tenure/domain';
import type { CorrelationValue, Stray } from './correlation-value.ts';
import type { KnownPerson } from './known-person.ts';
import { objectionTo } from './may-link.ts';

/** Identity to which a record belongs, and the key by which it was found. */
export type Correlation =
  /** `forLife`: nobody else can ever have that key. */
  | { readonly kind: 'found'; readonly identityId: string; readonly by: string; readonly forLife: boolean }
  | {
      readonly kind: 'ambiguous';
      /** People who match by a key; first those whom the reason concerns. */
      readonly candidates: readonly string[];
      readonly by: string;
      readonly why: WhyAmbiguous;
      /** Differences of this subject, with `another-subject`. */
      readonly change?: SubjectChange;
    }
  | { readonly kind: 'none' };

/**
 * Correlates a record with an identity. A key for life decides wherever it is in the list, also after an end and beside other records of the same
 * source. A key that may be reused links only to the one person who has it now, unless there is an objection. Never guesses: everything else needs a
 * human decision.
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
    // Former holders of a key who have left do not make its present holder ambiguous.
    const having = candidates.filter((person) => person.hasNow(value));
    const found = settle(value.by, having.length > 0 ? having : candidates, value);
    if (found !== null) return found;
  }
  return { kind: 'none' };
}

function unique(people: readonly KnownPerson[]): readonly KnownPerson[] {
  return [...new Map(people.map((person) => [person.identityId, person])).values()];
}
