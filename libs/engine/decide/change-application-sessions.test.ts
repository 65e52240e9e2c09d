import { describe, expect, test } from '@jest/globals';
import type { ApplicationSettings } from '@tenure/config';
import { type ApplicationMapping, compileApplication, compilePolicy } from '@tenure/domain';
import { claimsDigest } from '../applications/claims-digest.ts';
import { testConfiguration } from '../testing/configuration.ts';
import { changeApplicationSessions } from './change-application-sessions.ts';
import { createLife } from './testing/life.ts';

const now = '2026-03-02T09:00:00.000Z';
const mapping: ApplicationMapping = {
  name: 'wiki',
  target: 'crm',
  mayUse: null,
  attributes: { department: 'identity.department' },
  groups: null,
  subject: 'pairwise',
  session: 3_600_000,
};

/** Changes by a decision about a buyer, who has one session with these properties. */
function changes(
  session: { readonly application?: string; readonly expiresAt?: string; readonly claimsDigest?: string; readonly outdatedAt?: string | null } = {},
  terms: { readonly isBehind?: boolean; readonly onChange?: ApplicationSettings['onChange'] } = {},
) {
  const life = createLife();
  life.says({ department: 'Buying' });
  const received = claimsDigest({ attributes: { department: 'Buying' }, groups: ['buyer'] });
  const open = { id: 's', application: 'wiki', subject: 'x', claimsDigest: received, outdatedAt: null, expiresAt: '2026-03-02T10:00:00.000Z', ...session };
  life.person = { ...life.person, applicationSessions: [open] };
  const decided = life.ask(now);
  const { document } = decided.question.policy;
  const settings = { ...mapping, onChange: terms.onChange ?? 'end' } as unknown as ApplicationSettings;
  const { ended, outdated, audit } = changeApplicationSessions(decided, {
    applications: new Map([['wiki', compileApplication(mapping, document.attributes)]]),
    configuration: testConfiguration({ applications: { wiki: settings } }),
    inForce: { policy: compilePolicy(document, 1), managed: {}, ...(terms.isBehind === undefined ? {} : { isBehind: terms.isBehind }) },
  });
  return { ended: ended.map(({ why }) => why), outdated, audited: audit.length };
}
const nothing = { ended: [], outdated: [], audited: 0 };

describe('a session at an application', () => {
  test('goes on where the application would receive the same', () => expect(changes()).toEqual(nothing));
  test('ends where it would receive something else', () =>
    expect(changes({ claimsDigest: 'other' })).toEqual({ ended: ['other claims'], outdated: [], audited: 1 }));
  test('is marked once where the application receives it at its next request', () => {
    expect(changes({ claimsDigest: 'other' }, { onChange: 'next-request' })).toEqual({ ended: [], outdated: ['s'], audited: 0 });
    expect(changes({ claimsDigest: 'other', outdatedAt: now }, { onChange: 'next-request' })).toEqual(nothing);
  });
  test('that has expired is left alone', () => expect(changes({ claimsDigest: 'other', expiresAt: now })).toEqual(nothing));
  test('ends with its application, but not by a process that may not know it yet', () => {
    expect(changes({ application: 'gone' })).toEqual({ ended: ['application removed'], outdated: [], audited: 1 });
    expect(changes({ application: 'gone' }, { isBehind: true })).toEqual(nothing);
  });
});
