import { createPublicKey, type JsonWebKey, verify, X509Certificate } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ActContext } from '@tenure/store';
import { createTestDatabase, type TestDatabase } from '@tenure/store/testing';
import { createKeyring, type Keyring } from './keyring.ts';
import type { UsedPurpose } from './key-rules.ts';
import { type KeySettings, retireKey, rotateKey, turnKeys } from './turn-keys.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const START = Date.parse('2026-03-01T12:00:00.000Z');
const rotation = { rotateEvery: 60 * MINUTE, publishBefore: 10 * MINUTE };
const settings: KeySettings = {
  url: 'https://tenure.example',
  keys: { saml: rotation, oidc: rotation, certificate: rotation },
  session: { lifetime: 60 * MINUTE, idle: 60 * MINUTE },
  applications: {},
};

let database: TestDatabase;
let now: number;
beforeEach(async () => {
  database = await createTestDatabase();
  now = START;
});
afterEach(() => database.drop());

const context = (ahead = 0): ActContext => ({ actor: { kind: 'system', id: 'keys' }, correlationId: 'test', now: new Date(now + ahead).toISOString() });
const ringOf = (ahead = 0): Keyring => createKeyring({ store: database.store, clock: () => context(ahead).now, configuration: settings });
const turn = (ahead = 0): Promise<void> => database.store.transaction(context(ahead), (tx) => turnKeys(tx, settings));
const states = async (purpose: UsedPurpose): Promise<readonly string[]> =>
  (await database.store.read((tx) => tx.signingKeys.of(purpose))).map(({ state }) => state).toSorted();
const idsOf = async (ring: Keyring, purpose: UsedPurpose): Promise<readonly string[]> => (await ring.published(purpose)).map(({ id }) => id);

describe('a rotation while two API processes and a worker run, whose clocks differ', () => {
  test('nobody signs with a key that another process does not publish, and what was signed verifies until it is not valid any more', async () => {
    const [fast, slow] = [ringOf(25_000), ringOf(-25_000)];
    const signers = new Set<string>();
    for (let step = 0; step < 240; step += 1) {
      // The worker looks each five minutes, by a clock of its own.
      if (step % 15 === 7) await turn(10_000);
      const [byFast, bySlow] = [(await fast.signing('oidc')).id, (await slow.signing('oidc')).id];
      expect(await idsOf(slow, 'oidc')).toContain(byFast);
      expect(await idsOf(fast, 'oidc')).toContain(bySlow);
      for (const id of signers) expect(await idsOf(slow, 'oidc')).toContain(id);
      signers.add(byFast).add(bySlow);
      now += 20_000;
    }
    // 80 minutes: one rotation.
    expect(signers.size).toBe(2);
    expect(await states('oidc')).toEqual(['active', 'retiring']);
    // Sessions last an hour, and a day more is given: then nothing valid is signed by it.
    now += DAY + 60 * MINUTE;
    await turn();
    expect(await states('oidc')).toEqual(['next', 'active', 'retired'].toSorted());
    const kept = await database.store.read((tx) => tx.signingKeys.of('oidc'));
    expect(await idsOf(ringOf(), 'oidc')).not.toContain(kept.find(({ state }) => state === 'retired')?.id);
    const events = await database.store.read((tx) => tx.audit.page({}, 20, null));
    expect(events.map(({ action }) => action).filter((action) => action.startsWith('key.'))).toEqual(
      ['key.activated', 'key.published', 'key.activated', 'key.published', 'key.retired'].toReversed(),
    );
  });

  test('two workers that look at once make one step', async () => {
    await ringOf().signing('saml');
    now += 50 * MINUTE;
    await Promise.all([turn(), turn(), turn()]);
    expect(await states('saml')).toEqual(['active', 'next']);
    now += 10 * MINUTE;
    await Promise.all([turn(), turn(), turn()]);
    expect(await states('saml')).toEqual(['active', 'retiring']);
  });

  test('a process whose clock is set back looks again instead of keeping what it has read', async () => {
    let ahead = 60 * MINUTE;
    const ring = createKeyring({ store: database.store, clock: () => context(ahead).now, configuration: settings });
    const first = (await ring.signing('saml')).id;
    ahead = 0;
    await database.store.transaction(context(), (tx) => retireKey(tx, settings, first, 'its private part was seen in a log'));
    expect((await ring.signing('saml')).id).not.toBe(first);
  });

  test('several processes that need the first key at once make one', async () => {
    const made = await Promise.all([ringOf(), ringOf(), ringOf()].map((ring) => ring.signing('saml')));
    expect(new Set(made.map(({ id }) => id)).size).toBe(1);
  });
});

describe('keys by their purpose', () => {
  test('SAML has a certificate in the name of the installation, with a serial number of its own, that outlasts its use; the private part is stored encrypted', async () => {
    const key = await ringOf().signing('saml');
    const certificate = new X509Certificate(key.certificate ?? '');
    expect(certificate.subject).toBe('CN=tenure.example saml');
    expect(Date.parse(certificate.validTo) - now).toBeGreaterThan(9 * 365 * DAY);
    expect(Date.parse(certificate.validFrom)).toBeLessThan(now);
    expect(certificate.serialNumber).toMatch(/^01[0-9A-F]{16}$/);
    expect(certificate.checkPrivateKey(key.privateKey)).toBe(true);
    const [row] = await database.execute('select sealed_private, wrapped_key from signing_key');
    expect(Buffer.from(String(row?.['sealed_private']), 'base64').toString('latin1')).not.toMatch(/PRIVATE KEY/);
  });

  test('certificates of leavers go on from the key that is derived from the master key, and old ones verify for good', async () => {
    const ring = ringOf();
    const first = await ring.signing('certificate');
    expect(first.id).toBe(database.store.signer.key.kid);
    const signature = Buffer.from(database.store.signer.sign('made before there was a keyring'), 'base64url');
    for (let rotations = 0; rotations < 3; rotations += 1) {
      now += 60 * MINUTE;
      await turn();
      now += 10 * MINUTE;
      await turn();
    }
    now += 4000 * DAY;
    await turn();
    const published = await ringOf().published('certificate');
    expect((await ringOf().signing('certificate')).id).not.toBe(first.id);
    const old = published.find(({ id }) => id === first.id);
    const key = createPublicKey({ key: old?.publicJwk as JsonWebKey, format: 'jwk' });
    expect(verify(null, Buffer.from('made before there was a keyring'), key, signature)).toBe(true);
  });
});

describe('by command', () => {
  const rotate = (isNow: boolean) => database.store.transaction(context(), (tx) => rotateKey(tx, settings, 'oidc', isNow));

  test('rotate publishes the next key once, and lets it sign by the schedule', async () => {
    const before = (await ringOf().signing('oidc')).id;
    const first = await rotate(false);
    expect(first.signsFrom).toBe(new Date(now + 10 * MINUTE).toISOString());
    expect((await rotate(false)).id).toBe(first.id);
    expect((await ringOf().signing('oidc')).id).toBe(before);
    now += 10 * MINUTE;
    await turn();
    expect((await ringOf().signing('oidc')).id).toBe(first.id);
  });

  test('rotate --now waits until everybody can know the key', async () => {
    await ringOf().signing('oidc');
    await rotate(true);
    now += 9 * MINUTE;
    await expect(rotate(true)).rejects.toThrow(/may sign from 2026-03-01T12:10:00.000Z on/);
    now += MINUTE;
    const { id, signsFrom } = await rotate(true);
    expect([signsFrom, (await ringOf().signing('oidc')).id]).toEqual([context().now, id]);
  });

  test('retire takes a key out at once: another signs, and it is published no longer; the audit keeps the reason', async () => {
    const before = (await ringOf().signing('oidc')).id;
    await database.store.transaction(context(), (tx) => retireKey(tx, settings, before, 'seen in a log'));
    expect([(await ringOf().signing('oidc')).id, await idsOf(ringOf(), 'oidc')]).not.toContain(before);
    expect(await states('oidc')).toEqual(['active', 'retired']);
    const [event] = await database.store.read((tx) => tx.audit.page({ action: 'key.retired' }, 1, null));
    expect(event?.reason).toEqual({ purpose: 'oidc', why: 'seen in a log' });
    await expect(database.store.transaction(context(), (tx) => retireKey(tx, settings, before, 'again'))).rejects.toThrow(/retired already/);
    await expect(database.store.transaction(context(), (tx) => retireKey(tx, settings, 'none', 'again'))).rejects.toThrow(/there is no key/);
  });
});
