import { expect, it } from '@jest/globals';
import { createMetrics } from '@tenure/telemetry';
import { pino } from 'pino';
import { serveWorkerProbes } from './worker-probes.ts';

it('liveness says 503 and why once a part has failed for good', async () => {
  let reason: string | null = null;
  const probes = await serveWorkerProbes({
    host: '127.0.0.1',
    port: 0,
    metrics: createMetrics({ providers: [], targets: [] }),
    checks: () => ({}),
    failure: () => reason,
    logger: pino({ enabled: false }),
  });
  const live = async (): Promise<unknown> => {
    const answer = await fetch(`${probes.url}/health/live`);
    return [answer.status, await answer.json()];
  };
  expect(await live()).toEqual([200, { status: 'ok' }]);
  reason = 'queue tenure: its worker has failed';
  expect(await live()).toEqual([503, { status: 'failed', reason }]);
  await probes.close();
});
