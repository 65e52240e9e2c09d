import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Configuration } from '@tenure/config';
import { createTestDatabase, type TestDatabase } from '@tenure/store/testing';
import { createMetrics } from '@tenure/telemetry';
import { pino } from 'pino';
import { startAnchors } from './anchors.ts';

let database: TestDatabase;
let directory: string;
const lines: string[] = [];
const logger = pino({}, { write: (line: string) => void lines.push(line) });
const now = '2026-03-01T12:00:00.000Z';
const context = { actor: { kind: 'system', id: 'test' }, correlationId: 'c', now } as const;

beforeAll(async () => {
  database = await createTestDatabase();
  directory = await mkdtemp(join(tmpdir(), 'tenure-anchors-'));
});
afterAll(async () => {
  await database?.drop();
  await rm(directory, { recursive: true });
});

const write = () =>
  database.store.transaction(context, async (tx) =>
    tx.audit.record({ action: 'import.begun', subjectKind: 'test', subjectId: 'x', identityId: null, reason: { source: 'hr' } }),
  );

test('anchors at the start and at the stop, in the log and in the file, and says so in metrics', async () => {
  await write();
  const file = join(directory, 'anchors.jsonl');
  const metrics = createMetrics({ providers: [], targets: [] });
  const configuration = { webhooks: {} } as unknown as Configuration;
  const anchors = startAnchors({ store: database.store, configuration, file, clock: () => now, logger, metrics });
  await write();
  await anchors.stop();
  const kept = (await readFile(file, 'utf8')).trim().split('\n');
  const { anchors: read, problems } = database.store.readAnchors(kept);
  expect([problems, read.map(({ isLast }) => isLast).sort()]).toEqual([[], [false, true]]);
  expect(database.store.readAnchors(lines)).toEqual({ anchors: read, problems: [] });
  expect(await database.store.read((tx) => tx.audit.verify({ anchors: read }))).toMatchObject({ events: 2, problems: [] });
  const { body } = await metrics.exposed();
  expect(body).toContain(`tenure_audit_anchored_at_seconds ${Date.parse(now) / 1000}`);
  expect(body).toContain('tenure_audit_problems 0');
});

test('an end that was changed is an error in the log and a number in metrics; a place that fails leaves the anchor missing', async () => {
  lines.splice(0);
  await database.execute(`update audit_lane set mac = 'x' where lane = 7`);
  const metrics = createMetrics({ providers: [], targets: [] });
  const configuration = { webhooks: {} } as unknown as Configuration;
  const anchors = startAnchors({ store: database.store, configuration, file: join(directory, 'nowhere', 'anchors.jsonl'), clock: () => now, logger, metrics });
  await anchors.stop();
  const { body } = await metrics.exposed();
  expect(body).toContain('tenure_audit_problems 1');
  expect(body).toContain('tenure_audit_anchored_at_seconds 0');
  expect(lines.join('')).toContain('the end of chain 7 was not written by Tenure');
  expect(lines.join('')).toContain('the audit could not be anchored; the worker tries again');
});
