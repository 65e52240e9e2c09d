import { expect, test } from '@jest/globals';
import { errorForLog } from '@tenure/telemetry';
import { pino } from 'pino';
import { nativeLogging, temporalLogger } from './temporal-logger.ts';

test('Temporal’s errors are written as ours are; what is said elsewhere, or is no news, is left out', () => {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string): void => void lines.push(JSON.parse(line) as Record<string, unknown>);
  const logger = temporalLogger(pino({ serializers: { err: errorForLog } }, { write }));
  logger.error('Worker failed', { error: new Error('namespace "ada@example.com" is not found'), taskQueue: 'lives' });
  logger.warn('Lost connection');
  logger.warn('Activity failed', { error: new Error('crm: the connection failed') });
  logger.warn('No workflows registered, not polling for workflow tasks', {});
  logger.info('Worker state changed');

  expect(lines).toMatchObject([
    { level: 50, msg: 'Worker failed', taskQueue: 'lives', err: { type: 'Error', message: 'namespace … is not found' } },
    { level: 40, msg: 'Lost connection' },
  ]);
});

test('what the SDK’s native part says is handed to the logger, from warnings on, and is one line until it was quiet for a while', () => {
  // Without `forward` it is written to the console as coloured text.
  expect(nativeLogging.logging).toMatchObject({ forward: {}, filter: expect.stringMatching(/WARN/) });
  const lines: Record<string, unknown>[] = [];
  let now = 0;
  const logger = temporalLogger(pino({}, { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) }), () => now);
  for (let time = 0; time < 300; time += 1) {
    logger.log('WARN', `gRPC call poll_workflow_task_queue retried ${time} times`, { sdkComponent: 'core', error: 'tcp connect error' });
    logger.log('INFO', 'Initializing worker');
    now += 1000;
  }
  expect(lines).toMatchObject([{ level: 40, msg: 'gRPC call poll_workflow_task_queue retried 0 times', sdkComponent: 'core' }]);
  now += 15 * 60_000;
  logger.log('ERROR', 'Worker failed');
  logger.log('WARN', 'gRPC call poll_workflow_task_queue retried 301 times');
  expect(lines.slice(1)).toMatchObject([
    { level: 50, msg: 'Worker failed' },
    { level: 40, failedBefore: 300 },
  ]);
});
