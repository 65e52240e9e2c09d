import { type ReadinessCheck, readinessOf } from '@tenure/telemetry';

type Failed = (reason: string, error?: unknown) => void;

/**
 * Adds the missing parts of Temporal to the reason why a worker ends: the SDK's own error seldom has them.
 * @param temporal asked for three seconds at most, so that the end stays bounded
 */
export function failedBesideTemporal(failed: Failed, temporal: ReadinessCheck): (reason: string, error?: unknown) => Promise<void> {
  return async (reason, error) => {
    const answer = await readinessOf({ temporal }, () => undefined);
    const state = answer['temporal'] === 'does not answer' ? 'Temporal does not answer' : answer['temporal'];
    failed(state === undefined || state === 'ok' ? reason : `${reason}: ${state}`, error);
  };
}
