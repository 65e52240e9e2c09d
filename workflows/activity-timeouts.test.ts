import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

const here = new URL('.', import.meta.url);
const seconds: Readonly<Record<string, number>> = { second: 1, minute: 60, hour: 3600 };

/** Options of activities, as the workflows write them: the longest time of an attempt in seconds, and whether a lost worker is noticed before. */
const options = readdirSync(here)
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  .flatMap((file) => {
    const text = readFileSync(new URL(file, here), 'utf8');
    return [...text.matchAll(/startToCloseTimeout: '(\d+) ([a-z]+?)s?'/g)].map(({ index, 1: amount, 2: unit = '' }) => {
      const from = text.lastIndexOf('{', index);
      return { file, attempt: Number(amount) * (seconds[unit] ?? Number.NaN), isWatched: text.slice(from, endOf(text, from)).includes('heartbeatTimeout:') };
    });
  });

/** Index after the brace that closes the one at an index. */
function endOf(text: string, from: number): number {
  let depth = 0;
  for (let index = from; index < text.length; index += 1) {
    if (text[index] === '{') depth += 1;
    if (text[index] === '}' && --depth === 0) return index + 1;
  }
  return text.length;
}

test('an activity that may work for longer than a minute goes to another worker soon after its own was lost', () => {
  expect(options.filter(({ attempt }) => Number.isNaN(attempt))).toEqual([]);
  const long = options.filter(({ attempt }) => attempt > 60);
  expect([...new Set(long.map(({ file }) => file))]).toEqual(['bring-about.ts', 'inbox.ts', 'reconcile-target.ts', 'tend-quarantine.ts', 'wave.ts']);
  expect(long.filter(({ isWatched }) => !isWatched)).toEqual([]);
});
