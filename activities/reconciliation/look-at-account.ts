import type { TargetConnector } from '@tenure/connectors';
import { DomainError, type ObservedAccount } from '@tenure/domain';
import { questionsOf } from '@tenure/engine/provision';
import type { JoinedRow } from '@tenure/store';
import type { Pace } from '../batches/pace.ts';

export type KnownRow = NonNullable<JoinedRow['account']>;

/** Result of requesting one account alone. `hidden`: it may be where nobody can look. `unanswered`: the target did not answer. */
export type Look = { readonly kind: 'there'; readonly observed: ObservedAccount } | { readonly kind: 'gone' | 'hidden' | 'unanswered' };

export interface LookDependencies {
  readonly connector: TargetConnector;
  readonly managed: ReadonlySet<string>;
  readonly turn: Pace;
  readonly alive: () => void;
}

/** Requests one account alone, with the memberships that matter: by the target's own id where it is known. */
export async function lookAtAccount({ connector, managed, turn, alive }: LookDependencies, account: KnownRow): Promise<Look> {
  alive();
  await turn.next();
  const { nativeId, userName, accepted } = account;
  try {
    const observed = await connector.observe({ nativeId, userName, memberNames: accepted.names ?? [] }, questionsOf(account, managed));
    return observed === null ? { kind: 'gone' } : { kind: 'there', observed };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    turn.heed(error);
    return { kind: error.code === 'ACCOUNT_NOT_VISIBLE' ? 'hidden' : 'unanswered' };
  }
}
