import { expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { ConnectorUnavailable } from '@tenure/domain';
import { pino } from 'pino';
import { failureTranslation } from './failure-translation.ts';
import { temporalLogger } from './temporal-logger.ts';

interface Line {
  readonly level: number;
  readonly msg: string;
  readonly code?: string;
  readonly failures?: number;
  readonly since?: string;
}

function translation() {
  const lines: Line[] = [];
  const clock = { now: Date.parse('2027-05-01T00:00:00.000Z') };
  const logger = pino({}, { write: (line: string) => void lines.push(JSON.parse(line) as Line) });
  const factory = failureTranslation(logger, () => clock.now);
  const attempt = async (person: number, attemptNumber: number, work: () => Promise<unknown>): Promise<unknown> => {
    const environment = new MockActivityEnvironment(
      {
        activityType: 'applyOperations',
        taskQueue: 'target-crm',
        attempt: attemptNumber,
        workflowExecution: { workflowId: `identity/${person}`, runId: 'r' },
      },
      { logger: temporalLogger(pino({ enabled: false })) },
    );
    return environment.run(async () => factory({} as never).inbound?.execute?.({ args: [], headers: {} }, work));
  };
  return { lines, clock, attempt };
}

const away = () => Promise.reject(new ConnectorUnavailable('nobody answers', { target: 'crm' }));

test('a target that is away is one line, however many people wait for it and however often; so is its return, once all got through', async () => {
  const { lines, clock, attempt } = translation();
  for (let time = 1; time <= 20; time += 1) {
    for (let person = 0; person < 50; person += 1) await expect(attempt(person, time, away)).rejects.toThrow('nobody answers');
    clock.now += 30_000;
  }
  expect(lines).toMatchObject([{ level: 40, msg: 'nobody answers', code: 'CONNECTOR_UNAVAILABLE' }]);
  for (let person = 0; person < 50; person += 1) {
    expect(lines).toHaveLength(1);
    expect(await attempt(person, 21, async () => 'done')).toBe('done');
  }
  expect(lines.slice(1)).toMatchObject([{ level: 30, code: 'CONNECTOR_UNAVAILABLE', failures: 1000, since: '2027-05-01T00:00:00.000Z' }]);
  await expect(attempt(1, 1, away)).rejects.toThrow('nobody answers');
  expect(lines).toHaveLength(3);
});

test('another failure of the same target is a line of its own, and an unexpected error is one too', async () => {
  const { lines, attempt } = translation();
  const broken = () => Promise.reject(new TypeError('cannot read it'));
  for (let time = 1; time <= 5; time += 1) {
    await expect(attempt(1, time, away)).rejects.toThrow();
    await expect(attempt(2, time, broken)).rejects.toThrow();
  }
  expect(lines.map(({ level, msg }) => ({ level, msg }))).toEqual([
    { level: 40, msg: 'nobody answers' },
    { level: 50, msg: 'an activity failed unexpectedly' },
  ]);
});
