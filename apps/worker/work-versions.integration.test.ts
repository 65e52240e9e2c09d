import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readStartFiles, type StartedVersion, startVersion } from '@tenure/engine/configuration';
import { createEngine, noMeter } from '@tenure/engine/decide';
import { createTestDatabase, type TestDatabase } from '@tenure/store/testing';
import { createMetrics, noTracing } from '@tenure/telemetry';
import { pino } from 'pino';
import { workVersions } from './work-versions.ts';
import { takeRecord } from '@tenure/engine/intake';

let database: TestDatabase;
let directory: string;
const now = '2026-03-01T12:00:00.000Z';
const context = { actor: { kind: 'system', id: 'test' }, correlationId: 'test', now } as const;
const tenureYaml = (timeZone: string): string => `
url: http://localhost:4000
timeZone: ${timeZone}
attributes: { employeeNumber: { type: string } }
sources: { hr: { authoritative: true, mayCreate: true, userType: employee, correlate: [{ attribute: employeeNumber }] } }
`;

beforeAll(async () => {
  database = await createTestDatabase();
  directory = await mkdtemp(join(tmpdir(), 'tenure-worked-'));
  await mkdir(join(directory, 'policy'));
  await writeFile(join(directory, 'policy', 'access.yaml'), 'birthright: []\n');
});
afterAll(async () => {
  await database?.drop();
  await rm(directory, { recursive: true, force: true });
});

async function start(timeZone: string): Promise<StartedVersion> {
  await writeFile(join(directory, 'tenure.yaml'), tenureYaml(timeZone));
  const place = { directory, environment: {} };
  return startVersion(database.store, place, await readStartFiles(place), context);
}

test('a worker that is behind decides people by its version, and leaves batch changes to one that is not', async () => {
  const first = await start('Europe/Berlin');
  const { identityId } = await database.store.transaction(context, (tx) =>
    takeRecord(tx, createEngine({ configuration: first.configuration }), {
      source: 'hr',
      externalId: '7',
      version: '1',
      facts: { employeeNumber: '7' },
      status: 'active',
      endedAt: null,
    }),
  );
  const second = await start('Europe/Paris');
  const [wave] = await database.execute(`select id from wave where trigger = 'policy'`);
  const activitiesOf = (version: StartedVersion) =>
    workVersions(
      {
        store: database.store,
        clock: () => now,
        logger: pino({ level: 'silent' }),
        metrics: createMetrics({ providers: [], targets: [] }),
        meter: noMeter,
        tracing: noTracing,
        anchors: null,
      },
      { directory, environment: {} },
      version,
    ).activities;
  const asked = { waveId: String(wave?.['id']), correlationId: 'test', after: null };
  await expect(activitiesOf(first).planWave(asked)).rejects.toMatchObject({ code: 'CONFIGURATION_BEHIND', retryable: true });
  expect(await activitiesOf(first).decide({ identityId: identityId ?? '', trigger: 'restart', correlationId: 'test', now })).toMatchObject({ state: 'active' });
  expect(await database.execute('select policy_version from identity')).toEqual([{ policy_version: 1 }]);
  expect(await activitiesOf(second).decide({ identityId: identityId ?? '', trigger: 'restart', correlationId: 'test', now })).toMatchObject({
    state: 'active',
  });
  expect(await database.execute('select policy_version from identity')).toEqual([{ policy_version: 2 }]);
});
