import { describe, expect, test } from '@jest/globals';
import type { Configuration } from '@tenure/config';
import type { Origin, PolicyDocument } from '@tenure/domain';
import { describeOrigin } from './describe-origin.ts';

const configuration = { sources: { hr: { title: 'Human resources' } }, identityProviders: { contoso: { title: 'Contoso' } } } as unknown as Configuration;
const rule = (name: string, when: string, description?: string) => ({ name, when, roles: [], entitlements: [], ...(description ? { description } : {}) });
const document = {
  attributes: { department: { type: 'string', title: 'department' }, site: { type: 'string', title: 'workplace' } },
  roles: { clerk: { name: 'clerk', title: 'Clerk', entitlements: [] } },
  birthright: [
    rule('all', 'true'),
    rule('finance', 'identity.department == "Finance"'),
    rule('both', 'identity.department == "Finance" && identity.site == "Kiel"'),
    rule('odd', 'identity.department.startsWith("F")'),
    rule('told', 'true', 'Reading rights for the first ninety days'),
  ],
} as unknown as PolicyDocument;
const origin = (kind: Origin['kind'], name: string, viaRole: string | null = null): Origin => ({
  kind,
  name,
  viaRole,
  policyVersion: 1,
  recordIds: [],
  validFrom: '2026-01-01T00:00:00.000Z',
  validUntil: null,
});

describe('an origin in words', () => {
  for (const [what, sources, words] of [
    [origin('rule', 'all'), [], 'Everybody gets this (rule all)'],
    [origin('rule', 'finance', 'clerk'), ['hr'], 'Because department is Finance (rule finance), as part of the role Clerk, according to Human resources'],
    [origin('rule', 'both'), ['hr', 'contoso'], 'Because department is Finance and workplace is Kiel (rule both), according to Human resources and Contoso'],
    [origin('rule', 'odd'), [], 'Because identity.department.startsWith("F") (rule odd)'],
    [origin('rule', 'told'), [], 'Reading rights for the first ninety days (rule told)'],
    [origin('rule', 'gone'), ['constructor'], 'Rule gone, according to constructor'],
    [origin('assertion', 'contoso/admins/all'), ['contoso'], 'Contoso says that the person is in its group admins/all'],
    [
      { ...origin('rule', 'all'), endingSince: '2026-02-01T00:00:00.000Z' },
      [],
      'Everybody gets this (rule all); the rule no longer applies, and its grace period runs',
    ],
    [origin('request', 'r-7'), [], 'A request was approved'],
  ] as const) {
    test(words, () => expect(describeOrigin(what, { configuration, document, sources })).toBe(words));
  }

  test('is understood without the policy version too', () => {
    expect(describeOrigin(origin('rule', 'finance', 'clerk'), { configuration, document: null, sources: [] })).toBe('Rule finance, as part of the role clerk');
  });
});
