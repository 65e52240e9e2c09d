import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { localPath } from './local-path.ts';

const here = 'https://tenure.example';

describe('where a login leads back to', () => {
  test.each(['/me', '/', '/me?x=1&y=/a//b', '/requests/7', '/a//b', '/@me', '/%2F/me', '/me?next=//evil.example'])('%s is ours', (path) => {
    expect(localPath(path)).toBe(path);
  });

  test.each([
    '/..//evil.example',
    '/.//evil.example',
    '/a/..//evil.example',
    '/a/b/../..//evil.example',
    '/%2e%2e//evil.example',
    '/%2E.//evil.example',
    '/.%2e//evil.example/%2e%2e',
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/..\\/evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    '\t//evil.example',
    '/\u00a0/evil.example',
    '/..//user:password@evil.example',
    'https://evil.example',
    'https:evil.example',
    'javascript:alert(1)',
    '',
    'me',
    '/é',
    `/${'a'.repeat(500)}`,
    null,
    ['/me'],
  ])('%j is not', (path) => {
    expect(localPath(path)).toBeNull();
  });

  test('whatever is said, a browser stays here and goes where it was told', () => {
    const part = fc.constantFrom(
      '/',
      '..',
      '.',
      '%2e',
      '%2f',
      '\\',
      'evil.example',
      '@',
      ':',
      '?',
      '#',
      '\t',
      '\n',
      ' ',
      '%',
      'a',
      '[',
      ']',
      '//',
      'https:',
      ';',
      '%09',
      '%5c',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const place = localPath(`/${parts.join('')}`);
        if (place === null) return;
        const url = new URL(place, here);
        expect([url.origin, `${url.pathname}${url.search}`, place.startsWith('//')]).toEqual([here, place, false]);
      }),
      { numRuns: 20_000 },
    );
  });
});
