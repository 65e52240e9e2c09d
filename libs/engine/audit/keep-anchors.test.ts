import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { AuditAnchor, Store, TakenAnchor } from '@tenure/store';
import { type AnchorPlace, anchorFile, anchorWebhook } from './anchor-places.ts';
import { type Anchored, createAnchoring } from './keep-anchors.ts';

const now = '2026-03-01T12:00:00.000Z';
/** Anchors that have their number as content. */
function numbered(): Pick<Store, 'anchorAudit'> {
  let count = 0;
  return {
    anchorAudit: async (at, before, isLast): Promise<TakenAnchor> => {
      count += 1;
      const anchor: AuditAnchor = { at, heads: [], previous: before?.anchor.mac ?? null, isLast, mac: String(count) };
      return { anchor, known: [], problems: [] };
    },
  };
}

test('a place that fails gets what it has missed, in order, before what is new; until then the anchor counts as missing', async () => {
  const kept: string[] = [];
  let isBroken = true;
  const other: string[] = [];
  const places: AnchorPlace[] = [
    {
      name: 'webhook',
      keep: async ({ mac }) => {
        if (isBroken) throw new Error('no');
        kept.push(mac);
      },
    },
    { name: 'file', keep: async ({ mac, previous }) => void other.push(`${mac} after ${previous}`) },
  ];
  const told: Anchored[] = [];
  const failed: (string | null)[] = [];
  const anchoring = createAnchoring({
    store: numbered(),
    places,
    clock: () => now,
    anchored: (one) => told.push(one),
    failed: (_error, place) => failed.push(place),
  });
  await anchoring.anchor();
  await anchoring.anchor();
  isBroken = false;
  await anchoring.anchor(true);
  expect(kept).toEqual(['1', '2', '3']);
  expect(other).toEqual(['1 after null', '2 after 1', '3 after 2']);
  expect(told.map(({ isKeptEverywhere }) => isKeptEverywhere)).toEqual([false, false, true]);
  expect(failed).toEqual(['webhook', 'webhook']);
});

test('an audit that cannot be read is told, and tried again', async () => {
  const failed: (string | null)[] = [];
  const store: Pick<Store, 'anchorAudit'> = { anchorAudit: () => Promise.reject(new Error('the database is away')) };
  const anchoring = createAnchoring({
    store,
    places: [],
    clock: () => now,
    anchored: () => failed.push('told'),
    failed: (_error, place) => failed.push(place),
  });
  await anchoring.anchor();
  expect(failed).toEqual([null]);
});

test('the file is its owner’s, and has a line for each', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tenure-anchors-'));
  const path = join(directory, 'anchors.jsonl');
  const anchoring = createAnchoring({
    store: numbered(),
    places: [anchorFile(path)],
    clock: () => now,
    anchored: () => undefined,
    failed: (error) => Promise.reject(error),
  });
  await anchoring.anchor();
  await anchoring.anchor();
  const lines = (await readFile(path, 'utf8')).trim().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { auditAnchor: { mac: string } }).auditAnchor.mac)).toEqual(['1', '2']);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  await rm(directory, { recursive: true });
});

test('a webhook that refuses has not kept it', async () => {
  const sent: unknown[] = [];
  const place = anchorWebhook(
    'vault',
    { url: 'https://vault.example', secret: 'whsec_x' },
    {
      send: async (_endpoint, event) => {
        sent.push(event);
        return sent.length === 1 ? { outcome: 'unavailable', code: 'HTTP_503' } : { outcome: 'sent' };
      },
    },
  );
  const anchor: AuditAnchor = { at: now, heads: [{ lane: 3, sequence: 7, hash: 'h' }], previous: null, isLast: true, mac: 'm' };
  await expect(place.keep(anchor)).rejects.toThrow('the webhook vault did not take it: HTTP_503');
  await place.keep(anchor);
  expect(sent[1]).toEqual({
    id: 'anchor_m',
    type: 'audit-anchor',
    timestamp: now,
    data: { auditAnchor: { at: now, heads: [[3, 7, 'h']], previous: null, last: true, mac: 'm' } },
  });
});
