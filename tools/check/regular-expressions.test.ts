import { expect, test } from '@jest/globals';
import { digestOf, readKnownLinear } from './known-linear.ts';
import { expressionsIn, regularExpressions } from './regular-expressions.ts';
import { superLinear } from './super-linear.ts';

const judged = (text: string): Promise<(string | null)[]> => Promise.all(expressionsIn('a.ts', text).map(superLinear));

test('finds expressions wherever they stand, with their excuses, and no divisions', () => {
  const text = [
    'const half = a / b / c;',
    "text.replace(/x+$/g, '');",
    "new RegExp('a*b', 'i');",
    'RegExp(`${name}:`);',
    '// super-linear: a line of our own',
    'new RegExp(pattern);',
    'new RegExp(/copied/, "gs");',
  ].join('\n');
  expect(expressionsIn('a.ts', text)).toEqual([
    { place: 'a.ts:2', source: 'x+$', flags: 'g', excuse: null },
    { place: 'a.ts:3', source: 'a*b', flags: 'i', excuse: null },
    { place: 'a.ts:4', source: null, flags: '', excuse: null },
    { place: 'a.ts:6', source: null, flags: '', excuse: 'a line of our own' },
    { place: 'a.ts:7', source: 'copied', flags: '', excuse: null },
  ]);
});

test('refuses quadratic time, also where only the place of the match is searched for', async () => {
  expect(await judged('/a*b/; /(a+)+$/; /^[a-z]+$/; /(?<!\\/)\\/+$/;')).toEqual([
    expect.stringContaining('2nd degree'),
    expect.stringContaining('exponential'),
    null,
    null,
  ]);
});

test('refuses the expressions that once stopped the API', async () => {
  const hint = String.raw`/<(?:[\w.-]+:)?Response\b[^>]*\bInResponseTo\s*=\s*["']([\w.-]{1,128})["']/`;
  const error = '/(cannot represent [^:]*): .*$/s';
  expect(await judged(`${hint}; ${error};`)).toEqual([expect.stringContaining('is not linear'), expect.stringContaining('is not linear')]);
});

test('refuses what is put together at run time without a reason', async () => {
  expect(await judged('new RegExp(name);')).toEqual([expect.stringContaining('// super-linear: <reason>')]);
  expect(await judged('// super-linear: eight letters of our own\nnew RegExp(name);')).toEqual([null]);
});

test('what is known to be linear is so for this text, these flags and this version of the tool', () => {
  const digest = digestOf({ source: '^a+$', flags: 'u' });
  expect(digestOf({ source: '^a+$', flags: 'u' })).toBe(digest);
  expect([digestOf({ source: '^a+$', flags: '' }), digestOf({ source: '^a+b$', flags: 'u' })]).not.toContain(digest);
  const known = readKnownLinear();
  expect(known.size).toBeGreaterThan(100);
  // The one that is not linear is never among them.
  expect(known.has(digestOf({ source: '(a+)+$', flags: '' }))).toBe(false);
});

test('looks at the code that reads what comes from outside', () => {
  const places = regularExpressions().map(({ place }) => place.split(':')[0]);
  for (const file of [
    'apps/api/access/credential.ts',
    'apps/api/server/errors/without-value.ts',
    'libs/federation/saml/read-response.ts',
    'libs/connectors/scim/retry-after.ts',
  ])
    expect(places).toContain(file);
});
