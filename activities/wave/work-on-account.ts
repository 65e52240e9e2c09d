import type { TargetConnector } from '@tenure/connectors';
import { type Change, ConnectorUnavailable, DomainError, type ObservedAccount, planAccount } from '@tenure/domain';
import type { ClaimedAccount, StoredAccount, StoredOperation } from '@tenure/store';
import { change, changesWanted, isForeign, look } from '../account-in-target.ts';
import type { Loop } from '../loop.ts';
import { sameChange } from '../save-accounts.ts';

/** A change that was made, or that had been made already; `operation`: the one that was planned, if it was. */
export interface Made {
  readonly change: Change;
  readonly operation: StoredOperation | null;
  readonly already: boolean;
}

/** What came of one account. What is not as wanted then is left to the person's own life, which can wait. */
export interface Worked {
  readonly account: StoredAccount;
  readonly made: readonly Made[];
  /** As it was last seen, by reading it or as the target's answer to its creation; absent: it was not. */
  readonly observed?: ObservedAccount | null;
  readonly isAsWanted: boolean;
  /** What the target answered instead, and to which planned operation. */
  readonly failure: { readonly error: DomainError; readonly operation: StoredOperation | null } | null;
}

/**
 * Looks, does what differs, reads back: as a life does, but without the database in between, so that what is known of many accounts
 * is saved together. A worker that dies meanwhile has lost nothing: the next one finds in the target what was done.
 * @param mayGoOn asked before each change; what is left then is left undone
 */
export async function workOnAccount(
  loop: Loop,
  connector: TargetConnector,
  managed: ReadonlySet<string>,
  claimed: ClaimedAccount,
  mayGoOn: () => boolean = () => true,
): Promise<Worked> {
  const { account } = claimed;
  const made: Made[] = [];
  let doing: StoredOperation | null = null;
  // Whatever comes then: the next one to look finds the account by the id that the target gave it.
  let created: Pick<Worked, 'observed'> = {};
  try {
    const found = await look(connector, account);
    // Whose that is, is a question for a person; the life asks it.
    if (found !== null && isForeign(loop, account, found)) return { account, made, isAsWanted: false, failure: null };
    const wanted = changesWanted(account, found, managed);
    const open = claimed.operations.filter(({ status }) => status !== 'given-up');
    for (const operation of open)
      if (!wanted.some((one) => sameChange(one, operation.change))) made.push({ change: operation.change, operation, already: true });
    let current = found;
    for (const step of wanted) {
      const operation = open.find((one) => sameChange(one.change, step)) ?? null;
      if (operation?.status === 'failed' || isGivenUp(claimed, step)) continue;
      if (!mayGoOn()) return { account, made, ...created, isAsWanted: false, failure: null };
      doing = operation;
      const there = await change(connector, account, step, current);
      if (there !== null) created = { observed: there };
      current = there ?? current;
      made.push({ change: step, operation, already: false });
    }
    doing = null;
    const observed = await look(connector, { ...account, nativeId: current?.nativeId ?? account.nativeId });
    return { account, made, observed, isAsWanted: planAccount(account.desired, observed, managed).length === 0, failure: null };
  } catch (error) {
    const known = error instanceof DomainError ? error : new ConnectorUnavailable('the target answered what could not be read', {}, { cause: error });
    return { account, made, ...created, isAsWanted: false, failure: { error: known, operation: doing } };
  }
}

function isGivenUp({ account, operations }: ClaimedAccount, step: Change): boolean {
  return operations.some(
    ({ status, finishedAt, change: one }) => status === 'given-up' && finishedAt !== null && finishedAt >= account.desiredSince && sameChange(one, step),
  );
}
