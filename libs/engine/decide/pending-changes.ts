import type { EndedWith, NewNotice } from '@tenure/domain';
import type { PeopleChanges, StoredOperation } from '@tenure/store';
import type { CaseToOpen } from './case-to-open.ts';
import type { Decided } from '../sponsors/decided.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };

/** What decisions about any number of people have led to, before it is saved at once. */
export interface PendingChanges extends Mutable<PeopleChanges> {
  /** Operations that a newer decision replaces: their cases answer themselves. */
  readonly superseded: StoredOperation[];
  readonly cases: CaseToOpen[];
  /** Keys of cases that have answered themselves. */
  readonly answered: string[];
  /** Whose state or grants are others than before: requests that wait for them look again. */
  readonly concerned: string[];
  /** Exceptions from separation of duties that are over for good, or with the person's time, or hold again. */
  readonly changedExceptions: { readonly id: string; readonly endedWith: EndedWith | 'for good' | 'restored' }[];
  readonly notices: NewNotice[];
  /** Everybody who was decided about. */
  readonly decided: Decided[];
}

export function noChanges(): PendingChanges {
  return {
    identities: [],
    newGrants: [],
    changedGrants: [],
    accounts: [],
    newOperations: [],
    changedOperations: [],
    attempts: [],
    sessionsOf: [],
    changedItems: [],
    superseded: [],
    cases: [],
    answered: [],
    concerned: [],
    changedExceptions: [],
    notices: [],
    decided: [],
  };
}
