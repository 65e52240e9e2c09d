import type { Meter } from '@tenure/engine/decide';
import { type Configuration, reconciliationOf } from '@tenure/config';
import type { Store } from '@tenure/store';
import { createMetrics, followPulse, type MetricNames, type Metrics } from '@tenure/telemetry';

/** Metrics of the worker, and of the whole installation. */
export function createWorkerMetrics(configuration: Configuration, store: Pick<Store, 'pulse'>, clock: () => string): Metrics {
  const metrics = createMetrics(metricNames(configuration));
  followPulse(metrics, metrics.names, () => store.pulse(clock()));
  return metrics;
}

/** Names that labels can have. */
export function metricNames({ applications, identityProviders, sources, targets, webhooks }: Configuration): MetricNames {
  return {
    providers: Object.keys(identityProviders),
    targets: Object.keys(targets),
    reconciled: Object.fromEntries(Object.values(targets).map((target) => [target.name, reconciliationOf(target).every])),
    sources: expectations(sources),
    webhooks: Object.keys(webhooks),
    applications: Object.keys(applications),
  };
}

function expectations(sources: Configuration['sources']): Readonly<Record<string, number | null>> {
  return Object.fromEntries(Object.values(sources).map(({ name, expectEvery }) => [name, expectEvery ?? null]));
}

/** Metrics of decisions and activities. */
export function meterOf(metrics: Metrics, clock: () => string): Meter {
  const since = (instant: string): number => Date.parse(clock()) - Date.parse(instant);
  return {
    decided: metrics.decided,
    timerFired: (kind, dueAt) => metrics.timerFired(kind, since(dueAt)),
    operation: metrics.operation,
    endConfirmed: (instant) => metrics.endConfirmed(since(instant)),
  };
}
