import { expect, test } from '@jest/globals';
import { HelpAsked, readOptions } from './read-options.ts';

const usage = { command: 'npm run thing -- --role <role>', does: 'Makes a thing.' };
const config = { options: { role: { type: 'string' }, name: { type: 'string' } } } as const;
const read = (...words: string[]): unknown => readOptions(usage, config, words).values;

test('options are read', () => expect(read('--role', 'admin')).toEqual({ role: 'admin' }));

test.each(['--help', '-h'])('%s is answered with command and effect', (word) => {
  expect(() => read('--role', word)).toThrow(HelpAsked);
  expect(() => read(word)).toThrow('Usage: npm run thing -- --role <role>\nMakes a thing.');
});

test.each([
  ['an unknown option', ['--rol', 'x'], 'There is no option --rol (did you mean role?).'],
  ['a missing value', ['--role'], "Option '--role <value>' argument missing."],
  ['an option that npm has kept', ['admin'], 'Unexpected argument \'admin\'. npm passes on options only after "--".'],
])('%s is named, with the usage', (_what, words, problem) => expect(() => read(...words)).toThrow(`${problem} Usage: ${usage.command}`));
