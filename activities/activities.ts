import type { TargetConnector } from '@tenure/connectors';
import type { ActContext, Store, Trigger } from '@tenure/store';
import { type Applied, applyOperations } from './apply-operations.ts';
import type { Decision } from './decide-identity.ts';
import type { Loop } from './loop.ts';
import { type Meter, noMeter } from './meter.ts';

/** Inputs and results stay in Temporal's history: ids, names, states and instants, never what is known of a person. */
export interface DecideInput {
  readonly identityId: string;
  readonly trigger: Trigger;
  readonly correlationId: string;
  /** The workflow's time (RFC 3339). */
  readonly now: string;
  /** The span that it goes on from, where the installation is traced. */
  readonly traceparent?: string;
}
export interface ApplyOperationsInput {
  readonly identityId: string;
  readonly target: string;
  readonly correlationId: string;
  readonly traceparent?: string;
}

/** What workflows can ask for. */
export interface Activities {
  decide(input: DecideInput): Promise<Decision>;
  applyOperations(input: ApplyOperationsInput): Promise<Applied>;
}

export interface ActivityDependencies {
  readonly store: Store;
  readonly loop: Loop;
  readonly connectors: Readonly<Record<string, TargetConnector>>;
  /** The present instant (RFC 3339 in UTC with milliseconds). */
  readonly clock: () => string;
  /** Throws when the running activity was cancelled; tells Temporal that it is alive. */
  readonly alive: () => void;
  readonly meter?: Meter;
  /** The current span, where the installation is traced. */
  readonly traceparent?: () => string | null;
}

export function createActivities({ store, loop, connectors, clock, alive, meter = noMeter, traceparent = () => null }: ActivityDependencies): Activities {
  const context = (correlationId: string, now: string): ActContext => ({ actor: { kind: 'system', id: 'worker' }, correlationId, now });
  return {
    async decide({ identityId, trigger, correlationId, now }) {
      const { decision, dueAt } = await store.transaction(context(correlationId, now), async (tx) => {
        const due = trigger === 'timer' ? ((await tx.identities.get(identityId))?.nextWakeUp ?? null) : null;
        return { decision: await loop.decide(tx, identityId, trigger), dueAt: due };
      });
      // A life also looks again when its work is done, which is no timer.
      if (dueAt !== null && dueAt <= now) meter.timerFired(dueAt);
      const span = traceparent();
      return span === null ? decision : { ...decision, traceparent: span };
    },
    applyOperations: ({ identityId, target, correlationId }) =>
      applyOperations({ store, loop, connectors, meter }, { identityId, target, context: context(correlationId, clock()), alive }),
  };
}
