import { modeOf } from '@tenure/activities';
import type { TargetConnector } from '@tenure/connectors';
import type { Engine } from '@tenure/engine/decide';
import { policyInForce } from '@tenure/engine/policy';
import { followModes } from '@tenure/engine/targets';
import type { ActContext, Store } from '@tenure/store';
import { logChanges } from '@tenure/telemetry';
import type { Logger } from 'pino';
import { atIntervals, type Repeated } from './at-intervals.ts';

export interface ModeDependencies {
  readonly store: Store;
  readonly engine: Engine;
  readonly connectors: Readonly<Record<string, TargetConnector>>;
  readonly clock: () => string;
  readonly logger: Logger;
}

/** Milliseconds between two looks. */
const every = 60_000;

/** Contacts targets that were not yet, follows `mode` in tenure.yaml, and logs once which targets are only observed. */
export function keepModes(dependencies: ModeDependencies): Repeated {
  const changes = logChanges(dependencies.logger);
  const said = new Map<string, string>();
  const look = (): Promise<void> =>
    settleModes(dependencies, said).then(
      () => changes.recovered('modes', 'the modes of targets are kept again'),
      (error: unknown) => void changes.failed('modes', { err: error }, 'the modes of targets could not be kept; it is tried again'),
    );
  return atIntervals(look, every);
}

/** @param said mode that was logged last, by target */
export async function settleModes({ store, engine, connectors, clock, logger }: ModeDependencies, said: Map<string, string>): Promise<void> {
  const context = (): ActContext => ({ actor: { kind: 'system', id: 'modes' }, correlationId: 'modes', now: clock() });
  const { managed } = await store.read((tx) => policyInForce(tx, engine));
  const { targets } = engine.configuration;
  for (const settings of Object.values(targets)) {
    const connector = connectors[settings.name];
    // A target that does not answer is reported by its tests.
    if (connector !== undefined) await modeOf({ store, connector, settings, managed: managed[settings.name] ?? new Set(), context }).catch(() => undefined);
  }
  for (const { target, outcome } of await store.transaction(context(), (tx) => followModes(tx, engine)))
    logger.info({ target, outcome }, `the mode of ${target} in tenure.yaml is followed: ${outcome}`);
  for (const { target, mode, why } of await store.read((tx) => tx.targetModes.all())) {
    if (!Object.hasOwn(targets, target) || said.get(target) === mode) continue;
    if (mode === 'observe') logger.warn({ target, why }, `target ${target} is only observed: nothing is written there until it is switched on`);
    else if (said.has(target)) logger.info({ target, why }, `target ${target} is written to from now on`);
    said.set(target, mode);
  }
}
