import { DomainError } from '@tenure/domain';
import { type Comparing, mostLooks, mostUnanswered, type RunInProgress } from './comparing.ts';

/**
 * Requests the accounts of open findings that the listing does not show and no other step requests: those of nobody, and those that are to be absent. A
 * finding is closed only where the target does not show its account either when it is asked for it alone: a listing may leave out a single account, and
 * nobody can tell from its size.
 */
export async function keepUnshown({ store, context, connector, turn, alive }: Comparing, { id, target }: RunInProgress): Promise<void> {
  const accounts = await store.read((tx) => tx.looks.unshown(id, target, mostLooks));
  const gone: string[] = [];
  let unanswered = 0;
  for (const { nativeId, userName } of accounts) {
    if (unanswered >= mostUnanswered) break;
    alive();
    await turn.next();
    try {
      const observed = await connector.observe({ nativeId, userName }, []);
      if (observed === null || observed.isElsewhere === true) gone.push(nativeId);
      unanswered = 0;
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      turn.heed(error);
      // It is not where accounts are listed, and may be where nobody can look.
      if (error.code === 'ACCOUNT_NOT_VISIBLE') gone.push(nativeId);
      else unanswered += 1;
    }
  }
  if (accounts.length > 0) await store.transaction(context(), (tx) => tx.looks.keepUnshown(id, target, gone));
}
