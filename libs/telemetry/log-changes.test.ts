import { beforeEach, expect, test } from '@jest/globals';
import { type LoggedChanges, logChanges } from './log-changes.ts';

let lines: { readonly level: string; readonly message: string; readonly entry: object }[];
let now: number;
let changes: LoggedChanges;
beforeEach(() => {
  lines = [];
  now = Date.parse('2027-05-01T00:00:00.000Z');
  const write =
    (level: string) =>
    (entry: object, message: string): void =>
      void lines.push({ level, message, entry });
  changes = logChanges({ info: write('info'), warn: write('warn'), error: write('error') }, () => now);
});

test('what fails again and again is one line, and its recovery another with how often and since when', () => {
  for (let time = 0; time < 1000; time += 1) {
    changes.failed('crm', { target: 'crm' }, 'crm does not answer');
    now += 30_000;
  }
  changes.failed('ledger', { target: 'ledger' }, 'ledger does not answer', 'error');
  changes.recovered('crm', 'crm answers again', { target: 'crm' });
  changes.recovered('crm', 'crm answers again', { target: 'crm' });
  expect(lines).toEqual([
    { level: 'warn', message: 'crm does not answer', entry: { target: 'crm' } },
    { level: 'error', message: 'ledger does not answer', entry: { target: 'ledger' } },
    { level: 'info', message: 'crm answers again', entry: { target: 'crm', failures: 1000, since: '2027-05-01T00:00:00.000Z' } },
  ]);
});

test('a failure after a quarter of an hour without one is news, though nobody said that it was over', () => {
  changes.failed('crm', {}, 'crm does not answer');
  now += 60_000;
  changes.failed('crm', {}, 'crm does not answer');
  now += 15 * 60_000;
  changes.failed('crm', {}, 'crm does not answer');
  expect(lines.map(({ entry }) => entry)).toEqual([
    {},
    { failedBefore: 2, failedBeforeSince: '2027-05-01T00:00:00.000Z', failedBeforeUntil: '2027-05-01T00:01:00.000Z' },
  ]);
});

test('keys that nobody bounds take no memory without bound', () => {
  for (let key = 0; key < 5000; key += 1) changes.failed(String(key), {}, 'fails');
  lines.splice(0);
  changes.failed('4999', {}, 'fails');
  expect(lines).toEqual([]);
  changes.failed('0', {}, 'fails');
  expect(lines).toHaveLength(1);
});
