import type { TargetConnector } from '@tenure/connectors';
import type { ActContext, Store, Trigger } from '@tenure/store';
import { type Applied, applyOperations } from './apply-operations.ts';
import type { Decision } from './decide-identity.ts';
import type { Loop } from './loop.ts';

/** Inputs and results stay in Temporal's history: ids, names, states and instants, never what is known of a person. */
export interface DecideInput {
  readonly identityId: string;
  readonly trigger: Trigger;
  readonly correlationId: string;
  /** The workflow's time (RFC 3339). */
  readonly now: string;
}
export interface ApplyOperationsInput {
  readonly identityId: string;
  readonly target: string;
  readonly correlationId: string;
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
}

export function createActivities({ store, loop, connectors, clock, alive }: ActivityDependencies): Activities {
  const context = (correlationId: string, now: string): ActContext => ({ actor: { kind: 'system', id: 'worker' }, correlationId, now });
  return {
    decide: ({ identityId, trigger, correlationId, now }) => store.transaction(context(correlationId, now), (tx) => loop.decide(tx, identityId, trigger)),
    applyOperations: ({ identityId, target, correlationId }) =>
      applyOperations({ store, loop, connectors }, { identityId, target, context: context(correlationId, clock()), alive }),
  };
}
