import { describe, expect, test } from '@jest/globals';
import { testProvider } from '@tenure/engine/testing';
import { homeRealm, type RealmQuestion } from './home-realm.ts';

const corp = testProvider('corp', { trustedEmailDomains: ['corp.example'] });
const partner = testProvider('partner', { domains: ['partner.example', 'shared.example'] });
const agency = testProvider('agency', { domains: ['shared.example'] });
const chosen = (more: Partial<RealmQuestion> = {}): readonly string[] =>
  homeRealm({ providers: [corp, partner, agency], hint: null, application: null, lastUsed: null, ...more }).map(({ name }) => name);

describe('the identity provider of somebody who logs in', () => {
  test('is the only one', () => expect(chosen({ providers: [corp] })).toEqual(['corp']));
  test('is the one of the stated domain, whatever else is known', () => {
    expect(chosen({ hint: 'Ada@Partner.Example', application: { provider: 'corp' }, lastUsed: 'agency' })).toEqual(['partner']);
    expect(chosen({ hint: 'ada@corp.example' })).toEqual(['corp']);
  });
  test('is chosen among those of a shared domain by what else is known, and else by the person', () => {
    expect(chosen({ hint: 'ada@shared.example' })).toEqual(['partner', 'agency']);
    expect(chosen({ hint: 'ada@shared.example', lastUsed: 'agency' })).toEqual(['agency']);
    expect(chosen({ hint: 'ada@shared.example', application: { provider: 'corp' } })).toEqual(['partner', 'agency']);
  });
  test('is the one of the application, before that of the last login', () => {
    expect(chosen({ application: { provider: 'partner' }, lastUsed: 'corp' })).toEqual(['partner']);
    expect(chosen({ application: {}, lastUsed: 'corp' })).toEqual(['corp']);
  });
  test.each(['sub.corp.example', 'ada', '@corp.example', 'a@b@corp.example', 'ada@evil-corp.example', 'ada@corp.example.evil.example', ''])(
    'is not found by %j',
    (hint) => expect(chosen({ hint })).toEqual(['corp', 'partner', 'agency']),
  );
  test('is chosen by the person where nothing is known, or what is known is gone', () => {
    expect(chosen({ lastUsed: 'gone', application: { provider: 'gone' } })).toEqual(['corp', 'partner', 'agency']);
    expect(chosen({ providers: [] })).toEqual([]);
  });
});
