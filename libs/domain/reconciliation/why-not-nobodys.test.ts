import { expect, test } from '@jest/globals';
import type { ObservedAccount } from '../accounts/account.ts';
import { type AccountFacts, whyNotNobodys } from './why-not-nobodys.ts';

const observed: ObservedAccount = {
  nativeId: '9',
  userName: 'Stray',
  externalId: null,
  enabled: true,
  attributes: {},
  entitlements: [],
  memberships: [],
};
const facts: AccountFacts = { isKnown: false, isMarked: false, protectedNames: new Set(['svc']) };

test('an account of nobody that is looked at again is left alone as soon as it may be somebody’s', () => {
  const found = { userName: 'stray' };
  expect(whyNotNobodys(found, observed, facts)).toBeNull();
  expect(whyNotNobodys(found, null, facts)).toBe('gone');
  expect(whyNotNobodys(found, { ...observed, userName: 'ann' }, facts)).toBe('renamed');
  expect(whyNotNobodys(found, observed, { ...facts, isKnown: true })).toBe('known');
  expect(whyNotNobodys(found, observed, { ...facts, isMarked: true })).toBe('marked');
  expect(whyNotNobodys(found, observed, { ...facts, protectedNames: new Set(['stray']) })).toBe('protected');
  expect(whyNotNobodys({ userName: 'old' }, { ...observed, userName: 'SVC' }, facts)).toBe('protected');
  expect(whyNotNobodys(found, { ...observed, isElsewhere: true }, facts)).toBe('elsewhere');
});
