import type { Engine } from '@tenure/engine/decide';
import type { ActContext, Store } from '@tenure/store';
import { type SharedPace, sharedPace } from './shared-pace.ts';

/** Work that calls a target. */
export type PacedWork = 'lives' | 'batches' | 'reading';

/** Paces of one worker, by target and work. All of them reserve the capacity of their target in PostgreSQL, so they share it with other workers. */
export function targetPaces(
  store: Store,
  { configuration }: Pick<Engine, 'configuration'>,
  context: () => ActContext,
): (target: string, work: PacedWork) => SharedPace {
  const paces = new Map<string, SharedPace>();
  return (target, work) => {
    const key = `${target}/${work}`;
    // Without settings the activity fails for a better reason.
    const perSecond = configuration.targets[target]?.ratePerSecond ?? 1;
    const made =
      paces.get(key) ??
      sharedPace(
        perSecond,
        (milliseconds) => store.transaction(context(), (tx) => tx.targetPaces.reserve(target, milliseconds)),
        work === 'batches' ? 'block' : 'single',
      );
    paces.set(key, made);
    return made;
  };
}
