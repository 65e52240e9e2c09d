import {
  claimText,
  type Facts,
  type Instant,
  type ItemState,
  type LeftOut,
  type LifecycleState,
  type UserType,
  type WaveChange,
  type WhyAmbiguous,
} from '@tenure/domain';
import type { Transaction, Trigger } from '@tenure/store';
import type { SourceOrProvider } from './settings-of-source.ts';

/** What one source says of one person, as it arrives. */
export interface IncomingRecord {
  readonly source: string;
  readonly externalId: string;
  /** The source's own counter, digits only: an older one than we have is left aside. */
  readonly version: string;
  readonly facts: Facts;
  readonly groups?: readonly string[] | null;
  readonly status: 'active' | 'ended' | null;
  readonly endedAt: Instant | null;
  /** The last day (`YYYY-MM-DD`) in place of an instant: it ends where the person is by then. */
  readonly endedOn?: string | null;
  /** Whether the source says that the e-mail is verified; counts only where it is trusted for the domain. HR's word needs no check. */
  readonly emailVerified?: boolean;
  /** For a login: the kind of person that it says (`null`: it does not), and what it leaves out that stays as it was said before. */
  readonly asserted?: { readonly userType: UserType | null; readonly leftOut: LeftOut };
  /** The identity that a login's issuer and subject are bound to. */
  readonly boundTo?: string | null;
  /** Of a login: whose subject it is. `nameIdFormat`: SAML's; `null`: not known. */
  readonly login?: { readonly issuer: string; readonly nameIdFormat: string | null };
  /** A complete import did not name it: what was said last is ended, in the same version. */
  readonly hasVanished?: boolean;
  /** Last record sent for a person who vanished from a complete import before that record was in force. */
  readonly vanishedFrom?: IncomingRecord;
}

/** A record with what came of it, and what that changes, as the change budget counts it. */
export interface RecordChanges {
  readonly incoming: IncomingRecord;
  readonly taken: TakenRecord;
  readonly changes: readonly WaveChange[];
  /** Of the person; `null`: nothing was decided about anybody. */
  readonly before: ItemState | null;
  readonly after: ItemState | null;
}

/** Sees what records would change before anything is written; what it throws ends the transaction. */
export type JudgeRecords = (records: readonly RecordChanges[]) => Promise<void>;

export interface TakenRecord {
  readonly outcome: 'created' | 'updated' | 'unchanged' | 'conflict' | 'stale' | 'ambiguous' | 'refused' | 'held' | 'staged';
  readonly identityId: string | null;
  readonly recordId: string | null;
  /** By which key an existing identity was found for a new record; `null` otherwise. */
  readonly linkedBy: string | null;
  /** A sentence without personal data. */
  readonly message: string;
  /** `unchanged`, and the version is newer: that much is stored. */
  readonly isNewerVersion?: boolean;
  /** Why it is a question, for `ambiguous`. */
  readonly why?: WhyAmbiguous;
  /** What was decided of the life; absent where nothing was. */
  readonly state?: LifecycleState;
  /** Of a login: true where the same login again would decide nothing; absent: it would, or nothing was decided. */
  readonly isSettled?: boolean;
  /** Attributes, `groups` and `userType` that a login left out, and that stay as they were said before; absent: none. */
  readonly kept?: readonly string[];
  /** The wave in which it waits, for `held`. */
  readonly waveId?: string;
}

/** Tells Temporal, once this transaction commits, that a life has something to do. */
export async function wake(tx: Transaction, identityId: string, trigger: Trigger, urgent = false): Promise<void> {
  await tx.outbox.add({ identityId, trigger, urgent, correlationId: tx.context.correlationId, createdAt: tx.context.now });
}

/** What a source says of the kind of person; a contractor where an expression yields nothing valid: the kind with the fewest rights. */
export function userTypeFor(
  source: SourceOrProvider,
  { facts, asserted }: Pick<IncomingRecord, 'asserted' | 'facts'>,
  known: UserType | null = null,
): UserType {
  if (asserted !== undefined) return asserted.userType ?? known ?? 'contractor';
  if (typeof source.userType === 'string') return source.userType;
  const said = claimText(source.userType.cel, facts);
  return said === 'employee' || said === 'partner' ? said : 'contractor';
}
