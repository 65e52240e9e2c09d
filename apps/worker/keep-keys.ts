import { KEY_PURPOSES, keyRules, replacedAt, turnKeys } from '@tenure/engine/keys';
import type { Configuration } from '@tenure/config';
import type { ActContext, Store } from '@tenure/store';
import { logChanges, type Metrics } from '@tenure/telemetry';
import type { Logger } from 'pino';
import { atIntervals, type Repeated } from './at-intervals.ts';

export interface KeepKeysDependencies {
  readonly store: Store;
  readonly configuration: Configuration;
  readonly clock: () => string;
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'signingKeyDue'>;
}

/** Milliseconds between two looks: a key is published for at least twice as long before it signs. */
const every = 5 * 60_000;

/** Rotates signing keys by their schedule, now and every five minutes; and exposes when each is due. Several workers may: the database lets one turn at a time. */
export function keepKeys({ store, configuration, clock, logger, metrics }: KeepKeysDependencies): Pick<Repeated, 'stop' | 'underWay'> {
  const changes = logChanges(logger);
  const repeated = atIntervals(async () => {
    try {
      const context: ActContext = { actor: { kind: 'system', id: 'keys' }, correlationId: 'keys', now: clock() };
      await store.transaction(context, (tx) => turnKeys(tx, configuration));
      for (const purpose of KEY_PURPOSES) {
        const active = (await store.read((tx) => tx.signingKeys.of(purpose))).find(({ state }) => state === 'active');
        const due = active === undefined ? null : replacedAt(active, keyRules(purpose, configuration));
        if (due !== null) metrics.signingKeyDue(purpose, due);
      }
      changes.recovered('keys', 'signing keys are looked after again', {});
    } catch (error) {
      changes.failed('keys', { err: error }, 'signing keys could not be looked after; the worker tries again', 'error');
    }
  }, every);
  repeated.now();
  return repeated;
}
