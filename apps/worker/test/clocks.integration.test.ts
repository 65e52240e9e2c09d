import { afterAll, afterEach, beforeAll, expect, it, jest } from '@jest/globals';
import { CLOCKS_DIFFER, watchClocks } from '@tenure/telemetry';
import { createInstallation, eventually, type Installation } from './installation.ts';

let installation: Installation;

beforeAll(async () => {
  installation = await createInstallation();
  const check = installation.clocks['Temporal'];
  await eventually(async () => (await check?.()) !== null);
});
afterEach(() => void jest.restoreAllMocks());
afterAll(() => installation?.stop());

const fiveMinutes = 300_000;

/** Sentences about clocks and the metrics, with this machine's clock wrong by so much: the others are real. */
async function named(wrongBy: number): Promise<{ readonly said: readonly string[]; readonly ahead: Readonly<Record<string, number>> }> {
  const real = Date.now.bind(Date);
  jest.spyOn(Date, 'now').mockImplementation(() => real() + wrongBy);
  const said: string[] = [];
  const ahead: Record<string, number> = {};
  const log = (_entry: object, sentence: string): void => void said.push(sentence);
  const watched = watchClocks({
    clocks: installation.clocks,
    metrics: { clock: (of, by) => void (ahead[of] = by) },
    logger: { warn: log, info: log },
    every: 3_600_000,
  });
  watched.stop();
  await watched.look();
  return { said, ahead };
}

it('names nobody while all clocks agree', async () => {
  const { said, ahead } = await named(0);
  expect(said).toEqual([]);
  expect(Object.keys(ahead).sort()).toEqual(['PostgreSQL', 'Temporal']);
});

it.each([
  ['behind', -fiveMinutes, 'ahead of'],
  ['ahead', fiveMinutes, 'behind'],
])('names PostgreSQL and Temporal where this machine is five minutes %s', async (_where, wrongBy, word) => {
  const { said, ahead } = await named(wrongBy);
  for (const whose of ['PostgreSQL', 'Temporal']) {
    expect(said).toContainEqual(expect.stringMatching(new RegExp(`^the clock of ${whose} is \\d+ seconds ${word} this machine's`)));
    expect(Math.sign(ahead[whose] ?? 0)).toBe(-Math.sign(wrongBy));
    expect(Math.abs(ahead[whose] ?? 0)).toBeGreaterThan(CLOCKS_DIFFER);
  }
});
