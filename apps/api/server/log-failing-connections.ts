import type { Configuration } from '@tenure/config';
import { failureOf } from '@tenure/domain';
import type { Store } from '@tenure/store';
import type { Logger } from 'pino';

/**
 * Logs at start the connections that failed when a worker last tested them. It is known already, so no warning: the workers warn of it when they
 * start, and of later changes.
 */
export async function logFailingConnections(store: Store, { targets, identityProviders }: Configuration, logger: Logger): Promise<void> {
  const known = await store.read((tx) => tx.connections.all());
  for (const { kind, name, result, checkedAt, since } of known) {
    const failure = result === null ? null : failureOf(result);
    if (failure === null || !Object.hasOwn(kind === 'target' ? targets : identityProviders, name)) continue;
    logger.info(
      { connection: kind, ...(kind === 'target' ? { target: name } : { provider: name }), step: failure.step, reason: failure.reason, since, checkedAt },
      `${kind} ${name} did not work when it was last tested: ${failure.message}`,
    );
  }
}
