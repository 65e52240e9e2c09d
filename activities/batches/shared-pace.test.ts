import { describe, expect, test } from '@jest/globals';
import { ConnectorUnavailable } from '@tenure/domain';
import { sharedPace } from './shared-pace.ts';

/** A clock that stands still unless somebody waits, and the capacity of one target, as PostgreSQL keeps it. */
function target(perSecond: number) {
  let time = 0;
  let freeAt = 0;
  const reservations: number[] = [];
  const clock = {
    now: () => time,
    wait: async (milliseconds: number) => {
      time += milliseconds;
    },
  };
  const reserve = async (milliseconds: number): Promise<number> => {
    reservations.push(milliseconds);
    const begins = Math.max(freeAt, time - 1000);
    freeAt = begins + milliseconds;
    return Math.max(0, begins - time);
  };
  return { clock, reservations, of: (atOnce: 'block' | 'single') => sharedPace(perSecond, reserve, atOnce, clock), later: (by: number) => (time += by) };
}

describe('calls to a target of all workers together', () => {
  test('keep to its rate: reading and a batch change share it', async () => {
    const crm = target(10);
    const [reading, batch] = [crm.of('single'), crm.of('block')];
    for (let round = 0; round < 20; round += 1) {
      await reading.next();
      await batch.next();
    }
    expect(crm.clock.now()).toBeGreaterThanOrEqual(2900);
    expect(crm.clock.now()).toBeLessThanOrEqual(4000);
  });

  test('reading uses the whole rate where nobody else works there', async () => {
    const crm = target(10);
    const reading = crm.of('single');
    for (let call = 0; call < 41; call += 1) await reading.next();
    expect(crm.clock.now()).toBe(4000);
  });

  test('identity lifecycles wait for nobody, and reading waits for them', async () => {
    const crm = target(10);
    const [lives, reading] = [crm.of('single'), crm.of('single')];
    await reading.next();
    for (let call = 0; call < 30; call += 1) lives.note();
    expect(crm.clock.now()).toBe(0);
    await reading.next();
    // Thirty calls of lifecycles at ten a second, beside a second that was free.
    expect(crm.clock.now()).toBeGreaterThanOrEqual(1900);
  });

  test('a few calls of lifecycles are noted with the next ones', () => {
    const crm = target(20);
    const lives = crm.of('single');
    for (let call = 0; call < 4; call += 1) lives.note();
    expect(crm.reservations).toEqual([]);
    lives.note();
    expect(crm.reservations).toEqual([250]);
    crm.later(250);
    lives.note();
    expect(crm.reservations).toEqual([250, 50]);
  });

  test('many calls need few reservations, and one that was not used in time is made again', async () => {
    const crm = target(1000);
    const batch = crm.of('block');
    for (let call = 0; call < 500; call += 1) await batch.next();
    expect(crm.reservations).toEqual([250, 250]);
    await batch.next();
    crm.later(5000);
    await batch.next();
    expect(crm.reservations).toHaveLength(4);
  });

  test('calls that wait at the same time take their turns one after another', async () => {
    const crm = target(10);
    const batch = crm.of('block');
    await Promise.all(Array.from({ length: 21 }, () => batch.next()));
    expect(crm.reservations.reduce((sum, one) => sum + one, 0)).toBeGreaterThanOrEqual(2100);
  });

  test('a pause for which the target asks holds back the calls that follow', async () => {
    const crm = target(1000);
    const reading = crm.of('single');
    reading.heed(new ConnectorUnavailable('crm: it answered HTTP 429', { target: 'crm' }, { retryAfter: 7000 }));
    await reading.next();
    expect(crm.clock.now()).toBeGreaterThanOrEqual(7000);
  });

  test('a reservation that fails is no turn, and the next call makes its own', async () => {
    const crm = target(10);
    let fails = true;
    const pace = sharedPace(
      10,
      async () => {
        if (fails) throw new Error('the database is away');
        return 0;
      },
      'single',
      crm.clock,
    );
    await expect(pace.next()).rejects.toThrow('the database is away');
    fails = false;
    await pace.next();
    expect(crm.clock.now()).toBe(0);
  });
});
