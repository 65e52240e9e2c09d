import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import { logOptions } from './log-options.ts';

function logged(fields: object): Readonly<Record<string, unknown>> {
  const lines: string[] = [];
  pino({ name: 'worker', ...logOptions }, { write: (text) => void lines.push(text) }).warn(fields, 'it failed');
  return JSON.parse(lines.join('')) as Readonly<Record<string, unknown>>;
}

test.each(['level', 'time', 'pid', 'hostname', 'name', 'msg'])("a field %s of an entry takes the place of none of pino's own", (field) => {
  const usual = logged({ target: 'crm' });
  const line = logged({ target: 'crm', [field]: 'ours' });
  expect(line).toMatchObject({ level: usual['level'], pid: usual['pid'], name: 'worker', msg: 'it failed', target: 'crm', [`${field}_`]: 'ours' });
  expect(line[field]).not.toBe('ours');
});

test('an error is logged without what it quotes', () => {
  expect(logged({ err: new Error('no such value "ada@corp.example"') })['err']).not.toMatchObject({ message: expect.stringContaining('ada') });
});
