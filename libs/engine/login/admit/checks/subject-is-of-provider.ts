import { LoginRefused } from '@tenure/domain';
import type { BoundSubject } from '@tenure/store';
import { type Refusal, refuse } from './refusal.ts';

/** A bound subject stays that of the entry through which it was bound. */
export function subjectIsOfProvider({
  provider,
  bound,
}: {
  readonly provider: { readonly name: string };
  readonly bound: Pick<BoundSubject, 'provider' | 'identityId'>;
}): Refusal | null {
  return bound.provider === provider.name ? null : boundElsewhere(bound.identityId);
}

/** Refusal of a subject that is bound, or was bound at this very moment, through another provider or to another person. */
export function boundElsewhere(identityId: string): Refusal {
  return refuse(new LoginRefused('subject-of-another-provider', 'this subject is bound through another provider', { identityId }));
}
