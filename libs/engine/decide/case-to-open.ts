import type { NewCase } from '@tenure/store';
import type { NamedPerson } from '../intake/named-person.ts';

/** A case whose owner is found when it is opened: whoever is named, or who answers for the person. */
export type CaseToOpen = NewCase & { readonly ownerNamed?: NamedPerson | null; readonly isSponsors?: boolean };
