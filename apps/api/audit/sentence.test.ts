import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { sentenceOf } from './sentence.ts';

const event = (action: string, reason: Readonly<Record<string, unknown>>, personal: Readonly<Record<string, unknown>> | null = null) => ({
  action,
  reason,
  personal,
  subjectKind: action.split('.')[0] ?? '',
});
const origin = { kind: 'rule', name: 'finance', viaRole: 'clerk', policyVersion: 3, recordIds: ['r1'] };

describe('an event as a sentence', () => {
  test('says why an account was made: by which grant, rule, version and record', () => {
    expect(sentenceOf(event('account.create', { target: 'crm', because: [{ name: 'crm.finance', origins: [origin] }], policyVersion: 3 }))).toBe(
      'In crm the account was created, because of crm.finance (rule finance by role clerk of policy version 3, from record r1).',
    );
  });

  test('says why an account was closed: where the life stands', () => {
    expect(sentenceOf(event('account.disable', { target: 'crm', because: [], lifecycle: { why: 'ended, by record r2' } }))).toBe(
      'In crm the account was disabled, because ended, by record r2.',
    );
  });

  test('says why somebody lost something', () => {
    expect(sentenceOf(event('grant.ended', { kind: 'entitlement', name: 'crm.finance', why: 'its time is over', origins: [origin] }))).toBe(
      'Lost entitlement crm.finance: its time is over. It had come from rule finance by role clerk of policy version 3, from record r1.',
    );
  });

  test('adds the reason that a person gave, where it is not erased', () => {
    const reason = { target: 'crm', kind: 'create', error: 'CONNECTOR_REFUSED' };
    expect(sentenceOf(event('operation.retried', reason, { reason: 'mended' }))).toBe(
      'What crm had refused (create, CONNECTOR_REFUSED) is tried again. Reason given: mended',
    );
    expect(sentenceOf(event('operation.retried', reason))).toBe('What crm had refused (create, CONNECTOR_REFUSED) is tried again.');
  });

  test('names what it does not know, odd names included', () => {
    expect(sentenceOf(event('thing.happened', {}))).toBe('thing: thing.happened.');
    expect(sentenceOf({ ...event('constructor', {}), subjectKind: 'x' })).toBe('x: constructor.');
    expect(sentenceOf(event('account.toString', {}))).toBe('account: account.toString.');
  });

  test('is there for every action that the code records', async () => {
    const root = new URL('../../../', import.meta.url);
    const unknown: string[] = [];
    for (const room of ['activities', 'apps', 'libs/store', 'tools']) {
      for (const file of await readdir(new URL(room, root), { recursive: true })) {
        if (!/(?<!\.test)\.ts$/.test(file) || file.includes('node_modules')) continue;
        const text = await readFile(new URL(`${room}/${file}`, root), 'utf8');
        for (const [, action = ''] of text.matchAll(/action: '([a-zA-Z]+\.[a-zA-Z]+)'/g))
          if (sentenceOf(event(action, {})).endsWith(`: ${action}.`)) unknown.push(`${action} in ${room}/${file}`);
      }
    }
    expect(unknown).toEqual([]);
  });
});
