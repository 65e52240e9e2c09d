import { describe, expect, test } from '@jest/globals';
import { person, SCHEMA } from '../testing/people.ts';
import type { Grant, PolicyDocument } from '../policy/policy.ts';
import { type ApplicationMapping, compileApplication } from './compile-application.ts';
import { decideEntry, type EntryQuestion } from './decide-entry.ts';

const now = '2026-03-01T09:00:00.000Z';
const wiki: ApplicationMapping = {
  name: 'wiki',
  target: null,
  mayUse: null,
  attributes: { email: 'identity.email', name: 'identity.userName', editor: '"wiki.editor" in entitlements' },
  groups: null,
  subject: 'pairwise',
  session: 3_600_000,
};
const policy = {
  entitlements: {
    'wiki.reader': { name: 'wiki.reader', title: 'Reader', target: 'wiki', value: 'readers' },
    'wiki.editor': { name: 'wiki.editor', title: 'Editor', target: 'wiki', value: 'editors' },
    'crm.user': { name: 'crm.user', title: 'CRM', target: 'crm', value: null },
  },
} as unknown as PolicyDocument;
const grant = (name: string, validUntil: string | null = null): Grant => {
  const bounds = { validFrom: '2026-01-01T00:00:00.000Z', validUntil };
  return {
    kind: 'entitlement',
    name,
    origins: [{ kind: 'rule', name: 'all', policyVersion: 1, viaRole: null, ...bounds } as unknown as Grant['origins'][number]],
    ...bounds,
  };
};
const decide = (more: Partial<EntryQuestion> = {}, mapping: Partial<ApplicationMapping> = {}) =>
  decideEntry({
    application: compileApplication({ ...wiki, ...mapping }, SCHEMA),
    identity: person({ email: 'ada@contoso.example' }),
    state: 'active',
    endsAt: null,
    grants: [grant('wiki.reader'), grant('crm.user')],
    policy,
    now,
    ...more,
  });

describe('an entry into an application', () => {
  test('is decided by any entitlement of the application, which receives its names there', () => {
    expect(decide()).toEqual({
      mayEnter: true,
      by: ['wiki.reader'],
      claims: { attributes: { email: 'ada@contoso.example', name: 'ada', editor: false }, groups: ['readers'] },
      until: '2026-03-01T10:00:00.000Z',
    });
  });
  test.each(['pre-hire', 'suspended', 'leaving', 'left', 'erased'] as const)('is refused to a person who is %s', (state) =>
    expect(decide({ state })).toEqual({ mayEnter: false, reason: 'not-active' }),
  );
  test.each([
    ['no grant', []],
    ['a grant of another system', [grant('crm.user')]],
    ['a grant that has ended', [grant('wiki.reader', '2026-02-01T00:00:00.000Z')]],
  ])('is refused to a person with %s', (_what, grants) => expect(decide({ grants })).toEqual({ mayEnter: false, reason: 'no-access' }));
  test('is decided by the entitlements that the application names, and by no other', () => {
    expect(decide({}, { mayUse: { entitlements: ['wiki.editor'] } })).toEqual({ mayEnter: false, reason: 'no-access' });
    expect(decide({}, { mayUse: { entitlements: ['crm.user'] } })).toMatchObject({ mayEnter: true, by: ['crm.user'] });
  });
  test('is decided by a rule; a fact that is absent lets nobody in', () => {
    expect(decide({ grants: [] }, { mayUse: { when: 'identity.userType == "employee"' } })).toMatchObject({ mayEnter: true, by: [], claims: { groups: [] } });
    expect(decide({ grants: [] }, { mayUse: { when: 'identity.department == "Finance"' } })).toEqual({ mayEnter: false, reason: 'no-access' });
  });
  test('counts entitlements of its target', () =>
    expect(decide({ grants: [grant('crm.user')] }, { target: 'crm' })).toMatchObject({ mayEnter: true, by: ['crm.user'] }));
  test('ends with the person or with the grant that lasts longest, if that is sooner than the session', () => {
    expect(decide({ endsAt: '2026-03-01T09:10:00.000Z' })).toMatchObject({ until: '2026-03-01T09:10:00.000Z' });
    const grants = [grant('wiki.reader', '2026-03-01T09:05:00.000Z'), grant('wiki.editor', '2026-03-01T09:20:00.000Z')];
    expect(decide({ grants })).toMatchObject({ until: '2026-03-01T09:20:00.000Z' });
  });
  test('needs an address where the application knows people by it', () =>
    expect(decide({ identity: person({}) }, { subject: 'email' })).toEqual({ mayEnter: false, reason: 'no-email' }));
});
