import { describe, expect, it } from '@jest/globals';
import { errorForLog } from '@tenure/telemetry';
import { readLogLine } from './log-line.ts';
import { readableWarning } from './readable-warning.ts';

function readable(fields: Readonly<Record<string, unknown>>, process = 'worker'): string {
  const line = readLogLine(JSON.stringify({ level: 40, time: '2026-11-29T12:00:00.000Z', pid: 7, hostname: 'vm', name: process, ...fields }), process);
  return line === null ? 'no log entry' : readableWarning(line).replace(/^\d\d:\d\d:\d\d {2}/, '');
}

describe('a warning for people', () => {
  it('says what happened, why, and what it is about, in one line', () => {
    const cause = Object.assign(new Error('getaddrinfo ENOTFOUND crm.example.com'), { code: 'ENOTFOUND' });
    const err = errorForLog(new TypeError('fetch failed\n  on the way', { cause }));
    expect(readable({ msg: 'the target does not answer', target: 'crm', failures: 3, err })).toBe(
      'Warning (Worker): the target does not answer: TypeError: fetch failed on the way: Error: getaddrinfo ENOTFOUND crm.example.com [target: crm, failures: 3]',
    );
    expect(readable({ level: 50, msg: 'a page failed', reference: 'abc' }, 'api')).toBe('Error (API): a page failed [reference: abc]');
  });

  it('adds the code of an error whose message lacks it', () => {
    const err = errorForLog(Object.assign(new Error('self-signed certificate in certificate chain'), { code: 'SELF_SIGNED_CERT_IN_CHAIN' }));
    expect(readable({ msg: 'no connection', err })).toBe(
      'Warning (Worker): no connection: Error: self-signed certificate in certificate chain: SELF_SIGNED_CERT_IN_CHAIN',
    );
  });

  it('says why a target or provider failed, as the error’s details have it', () => {
    const details = { target: 'crm', reason: 'ENOTFOUND', login: 'ada.lovelace' };
    expect(readable({ msg: 'the connection failed', code: 'CONNECTOR_UNAVAILABLE', attempt: 3, details })).toBe(
      'Warning (Worker): the connection failed [target: crm, code: CONNECTOR_UNAVAILABLE, reason: ENOTFOUND, attempt: 3]',
    );
  });

  it('knows the process also when a field of the entry is called name', () => {
    expect(readable({ name: 'crm', msg: 'target crm does not work' })).toBe('Warning (Worker): target crm does not work');
  });

  it('shows the listed fields alone, and no text without end', () => {
    const told = readable({ msg: 'x'.repeat(5_000), userName: 'ada.lovelace', details: { email: 'ada@example.com' }, target: 'y'.repeat(5_000), err: 'text' });
    expect(told).not.toMatch(/ada|yyy|stack/);
    expect(told.length).toBeLessThan(300);
  });

  it('knows what is no log entry', () => {
    for (const line of ['', 'FATAL ERROR: Reached heap limit', '{', '{"some":"object"}', '[1]', 'null', '{"level":"warn"}'])
      expect(readLogLine(line, 'api')).toBeNull();
  });
});
