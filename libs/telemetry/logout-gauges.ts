import type { Gauge } from 'prom-client';
import { oneOf } from './one-of.ts';
import type { Pulse } from './pulse.ts';

/** Creates a gauge in the registry. */
type MakeGauge = <L extends string>(name: string, help: string, labelNames: readonly L[]) => Gauge<L>;

/**
 * Gauges of the notices of logout to applications.
 * @param applications names from the configuration; notices to others are counted under `unknown`
 */
export function logoutGauges(gauge: MakeGauge, applications: () => readonly string[]): { readonly all: readonly Gauge[]; set(pulse: Pulse): void } {
  const labelNames = ['application'] as const;
  const waiting = gauge('tenure_logout_notices_waiting', 'Sessions that ended, and whose application has not been notified successfully yet.', labelNames);
  const oldest = gauge('tenure_logout_notices_oldest_seconds', 'Time since the oldest of them ended.', labelNames);
  const failed = gauge(
    'tenure_logout_notices_failed',
    'Sessions that ended, that may still be open at the application, and whose end it refused or could not be notified of for a week.',
    labelNames,
  );
  return {
    all: [waiting, oldest, failed],
    set({ logouts = [] }) {
      // An application for which nothing waits reports zero, so that an alert can end.
      for (const application of applications()) for (const one of [waiting, oldest, failed]) one.set({ application }, 0);
      for (const { application, waiting: count, oldest: age, failed: refused } of logouts) {
        const labels = { application: oneOf(applications(), application) };
        waiting.inc(labels, count);
        failed.inc(labels, refused);
        oldest.set(labels, age / 1000);
      }
    },
  };
}
