import { expect, test } from '@jest/globals';
import { errorForLog } from '@tenure/telemetry';
import { pino } from 'pino';
import { temporalLogger } from './temporal-logger.ts';

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
