import { earliest, type Instant } from '@tenure/domain';
import type { ActContext, Store } from '@tenure/store';
import type { Loop } from '../loop.ts';
import { caseResolver } from './answering-owners.ts';
import { endHolds } from './end-holds.ts';
import { tendCase } from './tend-case.ts';

/** How the inbox stands. It goes into Temporal's history: counts and instants. */
export interface InboxStanding {
  readonly tended: number;
  readonly escalated: number;
  /** When a deadline passes, or a hold is over, next; `null`: nothing lies ahead. */
  readonly nextAt: Instant | null;
}

/** Cases that are seen to in one transaction, and held by it. */
const batch = 50;

/** Gives every case that is due its owner, its deadline, or whom it is escalated to, and ends holds whose time is over. Looks at what is there, so it may be asked at any time and again. */
export async function tendCases(store: Store, loop: Loop, context: () => ActContext): Promise<InboxStanding> {
  let [tended, escalated] = [0, 0];
  for (;;) {
    const { found, went, nextAt } = await store.transaction(context(), async (tx) => {
      await endHolds(tx);
      const due = await tx.cases.toTend(tx.context.now, batch);
      const policy = await loop.currentPolicy(tx);
      let up = 0;
      // Each finds for itself when a delegation that it hangs on begins or ends.
      for (const one of due) if (await tendCase(tx, loop, { policy, resolver: await caseResolver(tx, loop) }, one)) up += 1;
      return { found: due.length, went: up, nextAt: earliest(await tx.cases.nextToTend(), await tx.holds.nextEnd()) };
    });
    tended += found;
    escalated += went;
    if (found < batch) return { tended, escalated, nextAt };
  }
}
