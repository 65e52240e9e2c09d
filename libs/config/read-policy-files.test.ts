import { describe, expect, test } from '@jest/globals';
import { ConfigurationInvalid } from '@tenure/domain';
import { readPolicyFiles } from './load-configuration.ts';

/** `previewPolicy` takes files from everybody with the right to read everything: none of them may keep the API busy, or reveal its secrets. */
const beside = { attributes: { department: { type: 'string' } }, targets: {}, applications: {}, sources: {}, identityProviders: {} } as unknown as Parameters<
  typeof readPolicyFiles
>[0];
const lifecycle = 'lifecycle: [{ name: all, end: { grace: P30D, then: delete } }]\n';

function problemsOf(content: string): readonly string[] {
  try {
    readPolicyFiles(beside, [{ name: 'sent.yaml', content }]);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationInvalid) return error.message.split('\n');
    throw error;
  }
}

const laughs = Array.from(
  { length: 9 },
  (_, index) =>
    `x${index}: &x${index} [${Array(9)
      .fill(index === 0 ? 'ha' : `*x${index - 1}`)
      .join(', ')}]`,
).join('\n');
const many = (line: (index: number) => string): string => Array.from({ length: 60_000 }, (_, index) => line(index)).join('\n');
const notLikeThat = 'policy/sent.yaml:1:1 is not valid YAML: its aliases (*name) stand for too much, or for themselves';

describe('policy files that somebody sends', () => {
  test.each([
    ['a billion laughs', laughs, notLikeThat],
    ['an alias that stands for itself', 'birthright: &a [*a]\n', notLikeThat],
    ['lists in lists in lists', `birthright: ${'['.repeat(20_000)}${']'.repeat(20_000)}`, /is not valid YAML: Maximum call stack/],
    [
      'a name of JavaScript’s own',
      'entitlements:\n  __proto__: { title: x, target: tenure, value: admin }\n',
      /entitlements\.__proto__: a name begins with a letter/,
    ],
    ['a section of that name', '__proto__: { birthright: [] }\n', /__proto__: there is no such setting/],
    ['a name that every object has', `${lifecycle}birthright: [{ name: x, when: "true", roles: [toString] }]\n`, /roles\[0\]: there is no role "toString"/],
    [
      'a reference to our environment',
      'entitlements:\n  a: { title: "${env:PATH}", target: tenure, value: admin }\n',
      /the environment variable PATH is not set/,
    ],
    [
      'a condition that nests for ever',
      `${lifecycle}birthright: [{ name: x, when: "${'('.repeat(900)}true${')'.repeat(900)}", roles: [] }]\n`,
      /Exceeded maxDepth/,
    ],
    [
      'a pattern that stands for a billion others',
      `${lifecycle}birthright: [{ name: x, when: 'identity.department.matchesRe2("((a{1000}){1000}){1000}")', roles: [] }]\n`,
      /is no pattern that RE2 takes/,
    ],
    ['sixty thousand sections', many((index) => `k${index}: 1`), /has more than 500 mistakes/],
    ['sixty thousand names', `entitlements:\n${many((index) => `  k${index}: 1`)}`, /has more than 500 mistakes/],
  ])('%s are refused like any other mistake', (_, content, expected) => {
    const problems = problemsOf(content);
    expect(problems.length).toBeLessThanOrEqual(501);
    expect(problems.some((line) => (typeof expected === 'string' ? line === expected : expected.test(line)))).toBe(true);
  });

  test('a good file is taken beside them, also with names that objects have, and a few aliases', () => {
    const names =
      'entitlements:\n  constructor: { title: Reads, target: tenure, value: auditor }\nroles:\n  toString: { title: T, entitlements: [constructor] }\n';
    expect(
      problemsOf(`${lifecycle}${names}birthright:\n  - { name: a, when: &all "true", roles: [toString] }\n  - { name: b, when: *all, roles: [toString] }\n`),
    ).toEqual([]);
  });
});
