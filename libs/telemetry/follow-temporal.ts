import { Gauge } from 'prom-client';
import type { Metrics } from './metrics.ts';
import { type ReadinessCheck, readinessOf } from './readiness.ts';

/** Checks Temporal at each scrape, so that an outage is visible also when there is no work for it. */
export function followTemporal({ registry, onExpose }: Pick<Metrics, 'registry' | 'onExpose'>, check: ReadinessCheck): void {
  const answers = new Gauge({
    name: 'tenure_temporal_answers',
    help: '1 when Temporal answered this worker for this scrape and has the namespace and search attributes that workflows need, else 0.',
    registers: [registry],
  });
  onExpose(async () => {
    const { temporal } = await readinessOf({ temporal: check }, () => undefined);
    answers.set(temporal === 'ok' ? 1 : 0);
  });
}
