import { expect, test } from '@jest/globals';
import { readTokenWish } from './service-token.ts';

test('takes roles of Tenure and of sources, each once, for thirty days unless told', () => {
  expect(readTokenWish({ role: ['operator', 'source:hr', 'operator'], name: ' HR feed ' })).toEqual({
    name: 'HR feed',
    roles: ['operator', 'source:hr'],
    days: 30,
  });
});

test("an administrator's lasts a day, since no person stands behind it", () => {
  expect(readTokenWish({ role: ['auditor', 'admin'], name: 'x' }).days).toBe(1);
});

test.each([
  [{ role: ['root'], name: 'x' }, /no role "root"/],
  [{ role: ['self'], name: 'x' }, /no role "self"/],
  [{ role: ['source:'], name: 'x' }, /no role "source:"/],
  [{ name: 'x' }, /Provide --role and --name/],
  [{ role: ['admin'], name: ' ' }, /Provide --role and --name/],
  [{ role: ['auditor'], name: 'x', days: 'ten' }, /--days is "ten"/],
  [{ role: ['admin'], name: 'x', days: '2' }, /is valid for one day/],
  [{ role: ['auditor'], name: 'x', responsible: 'ada' }, /needs a role source/],
  [{ role: ['admin'], name: 'x', days: '4000' }, /1 to 365/],
])('refuses %j with a sentence', (typed, sentence) => {
  expect(() => readTokenWish(typed)).toThrow(sentence);
});
