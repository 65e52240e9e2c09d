import { expect, it } from '@jest/globals';
import { watchClocks } from './watch-clocks.ts';

it('names clocks that differ by more than seconds, once for each change, and tells each difference as a metric', async () => {
  let postgres = 190_000;
  const said: string[] = [];
  const told: [string, number][] = [];
  const log = (_entry: object, sentence: string): void => void said.push(sentence);
  const { look, stop } = watchClocks({
    clocks: {
      PostgreSQL: async () => postgres,
      Temporal: async () => -2_000,
      'a silent one': () => Promise.reject(new Error('away')),
      'one that cannot be seen': async () => null,
    },
    metrics: { clock: (of, ahead) => void told.push([of, ahead]) },
    logger: { warn: log, info: log },
    every: 3_600_000,
  });
  await look();
  stop();
  await look();
  postgres = -31_000;
  await look();
  postgres = 1_000;
  await look();
  expect(said).toEqual([
    "the clock of PostgreSQL is 190 seconds ahead of this machine's: let both follow one time server",
    "the clock of PostgreSQL agrees with this machine's again",
  ]);
  expect(told.slice(-2)).toEqual([
    ['PostgreSQL', 1_000],
    ['Temporal', -2_000],
  ]);
});
