import { earliest, type Instant } from '@tenure/domain';
import type { ActContext, Store } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { type Meter, noMeter } from '../decide/meter.ts';
import { caseResolver } from '../approvers/answering-owners.ts';
import { endSuspensions } from '../suspensions/end-suspensions.ts';
import { tendCase } from './tend-case.ts';
import { currentPolicy } from '../policy/read-policy.ts';

/** Progress of the inbox. It goes into Temporal's history: counts and instants. */
export interface InboxProgress {
  readonly tended: number;
  readonly escalated: number;
  /** Next instant at which a deadline passes or a suspension ends; `null`: there is none. */
  readonly nextAt: Instant | null;
}

/** Number of cases that are tended, and locked, in one transaction. */
const batch = 50;

export interface InboxDependencies {
  readonly store: Store;
  readonly engine: Engine;
  readonly context: () => ActContext;
  readonly meter?: Pick<Meter, 'timerFired'>;
}

/**
 * Assigns each case that is due its owner, deadline or next escalation, and ends expired suspensions of provisioning. Works from the present state,
 * so it may be called at any time and repeatedly.
 */
export async function tendCases({ store, engine, context, meter = noMeter }: InboxDependencies): Promise<InboxProgress> {
  let [tended, escalated] = [0, 0];
  for (;;) {
    const { due, over, went, nextAt } = await store.transaction(context(), async (tx) => {
      const ended = await endSuspensions(tx);
      const found = await tx.cases.toTend(tx.context.now, batch);
      const policy = await currentPolicy(tx, engine);
      let up = 0;
      // Each finds for itself when a delegation that it depends on begins or ends.
      for (const one of found) if (await tendCase(tx, engine, { policy, resolver: await caseResolver(tx, engine) }, one)) up += 1;
      return { due: found, over: ended, went: up, nextAt: earliest(await tx.cases.nextToTend(), await tx.suspensions.nextEnd()) };
    });
    for (const { until } of over) meter.timerFired('hold', until);
    // A case is also tended when it is new, and when its owner may have left: these are no timers.
    for (const { tendedAt, tendAt, deadline } of due) if (tendedAt !== null && tendAt !== null && tendAt === deadline) meter.timerFired('case', tendAt);
    tended += due.length;
    escalated += went;
    if (due.length < batch) return { tended, escalated, nextAt };
  }
}
