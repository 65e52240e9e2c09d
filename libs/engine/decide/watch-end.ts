import type { Configuration } from '@tenure/config';
import { earliest, type Instant, type Lifecycle } from '@tenure/domain';
import type { StoredAccount } from '@tenure/store';
import type { CaseToOpen } from './effects.ts';
import { isEnding } from './end-confirmed.ts';
import type { PlannedAccount } from './planned-account.ts';

/**
 * Cases of a leaver's accounts whose end is not confirmed in time; one that is confirmed later closes by itself.
 * @returns `deadline`: when the next of them is to be confirmed; `null`: none is open in time
 */
export function watchEnd(
  { targets }: Configuration,
  { state }: Lifecycle,
  accounts: readonly PlannedAccount[],
  now: Instant,
): { readonly opened: readonly CaseToOpen[]; readonly deadline: Instant | null } {
  if (!isEnding(state)) return { opened: [], deadline: null };
  const open = accounts
    .filter(({ account }) => account.confirmedAt === null && account.notVisibleAt === null)
    .map(({ account }) => ({
      account,
      deadline: new Date(Date.parse(account.desiredSince) + (targets[account.target]?.confirmWithin ?? 0)).toISOString(),
    }));
  return {
    opened: open.filter(({ deadline }) => deadline <= now).map(({ account }) => endNotConfirmed(account)),
    deadline: earliest(...open.map(({ deadline }) => (deadline > now ? deadline : null))),
  };
}

function endNotConfirmed(account: StoredAccount): CaseToOpen {
  return {
    kind: 'end-not-confirmed',
    key: `end-not-confirmed/${account.id}`,
    identityId: account.identityId,
    target: account.target,
    operationId: null,
    evidence: { target: account.target, wantedSince: account.desiredSince, wanted: account.desired.state },
  };
}
