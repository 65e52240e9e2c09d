import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { durationToMilliseconds, RETENTION, RETENTION_KINDS } from '@tenure/domain';
import { loadConfiguration } from './load-configuration.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tenure-retention-'));
  await mkdir(join(directory, 'policy'));
});
afterAll(() => rm(directory, { recursive: true }));

const load = async (retention: string) => {
  await writeFile(join(directory, 'tenure.yaml'), `url: https://tenure.example.com\n${retention}`);
  await writeFile(join(directory, 'policy', 'access.yaml'), 'entitlements: {}\n');
  return (await loadConfiguration({ directory, environment: {} })).retention;
};

test('every kind is kept for its usual time unless the file says otherwise, and no default is below its minimum', async () => {
  const usual = await load('');
  for (const kind of RETENTION_KINDS) {
    expect(usual?.[kind]).toBe(durationToMilliseconds(RETENTION[kind].default));
    expect(usual?.[kind]).toBeGreaterThanOrEqual(durationToMilliseconds(RETENTION[kind].minimum) ?? Number.NaN);
  }
  expect(await load('retention: { operations: P60D }\n')).toEqual({ ...usual, operations: 60 * 24 * 3_600_000 });
});

test.each(RETENTION_KINDS)('%s are kept for their minimum at least', async (kind) => {
  await expect(load(`retention: { ${kind}: P1D }\n`)).rejects.toThrow(`are kept for ${RETENTION[kind].minimum} at least`);
  await expect(load(`retention: { ${kind}: forever }\n`)).rejects.toThrow('is no ISO 8601 duration');
});

test('the audit cannot be shortened', async () => {
  await expect(load('retention: { audit: P400D }\n')).rejects.toThrow('audit');
});
