import { expect, test } from '@jest/globals';
import type { LoginDemands, LoginRefusal, SourceFacts } from '@tenure/domain';
import { hashToken, type LoginLink } from '@tenure/store';
import type { TakenRecord } from '../../../intake/taken-record.ts';
import type { Answered } from './answered.ts';
import type { BoundLoginNow } from './bound-login.ts';
import type { Entering } from './entering.ts';
import { LOGIN_CHECKS } from './index.ts';
import type { KeptOfRefused, Refusal } from './refusal.ts';

const provider = { name: 'contoso' };
const link: LoginLink = { id: 'l-1', identityId: 'i-1', provider: 'contoso', createdBy: 'person i-9' } as LoginLink;
const request = { id: 'r-1', browserSecret: 'secret' };
const stored = { provider: 'contoso', browserHash: hashToken('secret') } as Answered['answered']['request'];
const source: SourceFacts = { authenticatedAt: null, acr: null, sourceIndex: null, sourceSubject: null, sourceDetails: null };
const answer = (login: Answered['login']['request'], of: Partial<Answered['answered']>): Answered => ({
  login: { request: login, provider, source },
  answered: { request: stored, isFirstUse: true, ...of },
});
const demanding = (demands: Partial<LoginDemands>, from: Partial<SourceFacts>): Answered => ({
  login: { request, provider, source: { ...source, ...from } },
  answered: {
    request: { ...stored, demands: { begunAt: '2026-03-01T12:00:00.000Z', force: false, passive: false, acr: [], application: null, ...demands } } as never,
    isFirstUse: true,
  },
});
const keys = { employeeNumber: 'C-1' };
const bound = (more: Partial<BoundLoginNow> = {}): BoundLoginNow => ({
  provider,
  nameIdFormat: 'persistent',
  bound: { identityId: 'i-1', recordId: 'rec-1', nameIdFormat: 'persistent' },
  said: { keys, changed: [], isSame: true },
  link: null,
  ...more,
});
const taken = (more: Partial<TakenRecord> = {}): TakenRecord => ({
  outcome: 'updated',
  identityId: 'i-1',
  recordId: 'rec-1',
  linkedBy: null,
  message: 'recorded',
  ...more,
});
const entry = (more: Partial<Entering> = {}): Entering => ({
  provider,
  nameIdFormat: null,
  identityId: 'i-1',
  recordId: 'rec-1',
  keys,
  isBound: true,
  link: null,
  hasOtherSubject: false,
  mayEnter: true,
  ...more,
});
const otherFormat = { bound: { identityId: 'i-1', recordId: null, nameIdFormat: 'email' }, said: { keys, changed: [], isSame: false } };
const changed = { said: { keys, changed: ['employeeNumber'], isSame: false } };
const now = '2026-03-01T12:00:00.000Z';

interface Case {
  readonly yes: readonly unknown[];
  readonly no: readonly (readonly [known: unknown, reason: LoginRefusal, keeps?: Partial<KeptOfRefused>])[];
}

/** Examples of what each check accepts and refuses. */
const CASES: Readonly<Record<string, Case>> = {
  subjectIsText: { yes: [{ subject: 'ada' }], no: [[{ subject: 'a\u0000b' }, 'malformed']] },
  authenticationIsFresh: {
    yes: [
      answer(null, { request: null }),
      answer(request, {}),
      demanding({}, {}),
      demanding({ force: true }, { authenticatedAt: '2026-03-01T12:00:01.000Z' }),
      demanding({ force: true }, { authenticatedAt: '2026-03-01T11:59:30.000Z' }),
    ],
    no: [
      [demanding({ force: true }, {}), 'authentication-too-old'],
      [demanding({ force: true }, { authenticatedAt: '2026-03-01T11:59:29.999Z' }), 'authentication-too-old'],
    ],
  },
  contextIsAsDemanded: {
    yes: [answer(null, { request: null }), demanding({}, { acr: 'any' }), demanding({ acr: ['high', 'higher'] }, { acr: 'higher' })],
    no: [
      [demanding({ acr: ['high'] }, { acr: 'low' }), 'context-unsatisfied'],
      [demanding({ acr: ['high'] }, { acr: 'HIGH' }), 'context-unsatisfied'],
      [demanding({ acr: ['high'] }, {}), 'context-unsatisfied'],
    ],
  },
  requestIsOpen: { yes: [answer(request, {}), answer(null, { request: null })], no: [[answer(request, { request: null }), 'request-unknown']] },
  requestIsOfProvider: {
    yes: [answer(request, {}), answer(null, { request: null })],
    no: [[answer(request, { request: { ...stored, provider: 'fabrikam' } as never }), 'request-of-another-provider']],
  },
  requestIsOfBrowser: {
    yes: [answer(request, {}), answer(null, { request: null })],
    no: [[answer({ ...request, browserSecret: 'guessed' }, {}), 'request-of-another-browser']],
  },
  assertionIsUnused: { yes: [answer(null, {})], no: [[answer(null, { isFirstUse: false }), 'assertion-replayed']] },
  linkIsGood: {
    yes: [
      { provider, linkId: null, link: null },
      { provider, linkId: 'l-1', link },
    ],
    no: [
      [{ provider, linkId: 'l-1', link: null }, 'link-used'],
      [{ provider, linkId: 'l-1', link: { ...link, provider: 'fabrikam' } }, 'link-used'],
    ],
  },
  subjectIsOfProvider: {
    yes: [{ provider, bound: { provider: 'contoso', identityId: 'i-1' } }],
    no: [[{ provider, bound: { provider: 'fabrikam', identityId: 'i-1' } }, 'subject-of-another-provider']],
  },
  linkIsOfPerson: {
    yes: [
      { link: null, identityId: 'i-2' },
      { link, identityId: 'i-1' },
    ],
    no: [[{ link, identityId: 'i-2' }, 'already-bound']],
  },
  personIsActive: {
    yes: [{ identityId: 'i-1', state: 'active' }],
    no: [
      [{ identityId: 'i-1', state: 'pre-hire' }, 'not-started'],
      [{ identityId: 'i-1', state: 'suspended' }, 'suspended'],
      [{ identityId: 'i-1', state: 'ended' }, 'life-ended'],
      [{ identityId: 'i-1', state: undefined }, 'life-ended'],
    ],
  },
  claimsAreComplete: {
    yes: [
      { isPartial: false, isBound: false },
      { isPartial: true, isBound: true },
    ],
    no: [[{ isPartial: true, isBound: false }, 'user-info-refused']],
  },
  keysAreTheSame: {
    yes: [bound(), bound({ ...changed, link })],
    no: [[bound(changed), 'keys-changed', { pending: { why: 'keys-changed', keys, nameIdFormat: 'persistent' } }]],
  },
  nameIdFormatIsTheSame: {
    yes: [bound(), bound({ ...otherFormat, link }), bound({ ...otherFormat, nameIdFormat: null }), bound({ ...otherFormat, said: bound().said })],
    no: [[bound(otherFormat), 'name-id-format-changed', { question: null }]],
  },
  recordIsUnambiguous: {
    yes: [taken(), taken({ outcome: 'refused', identityId: null })],
    no: [
      [taken({ outcome: 'ambiguous' }), 'ambiguous', { pending: null, question: null }],
      [taken({ outcome: 'ambiguous', why: 'ended' }), 'ambiguous', {}],
      [taken({ outcome: 'ambiguous', why: 'privileged' }), 'link-to-privileged', {}],
      [taken({ outcome: 'ambiguous', why: 'bound' }), 'link-to-bound', {}],
      [taken({ outcome: 'ambiguous', why: 'not-vouched' }), 'link-not-vouched', {}],
      [taken({ outcome: 'ambiguous', why: 'another-subject' }), 'another-subject', {}],
    ],
  },
  personIsKnown: { yes: [taken()], no: [[taken({ outcome: 'refused', identityId: null, recordId: null }), 'may-not-create']] },
  subjectIsTheOnlyOne: {
    yes: [entry(), entry({ hasOtherSubject: true, link })],
    no: [
      [
        entry({ hasOtherSubject: true }),
        'another-subject',
        { pending: null, question: { recordId: 'rec-1', identityId: 'i-1', provider: 'contoso', why: 'another-subject' } },
      ],
    ],
  },
  rightsAreConfirmed: {
    yes: [entry(), entry({ mayEnter: false, link })],
    no: [
      [entry({ mayEnter: false }), 'rights-unconfirmed', { pending: { why: 'rights-unconfirmed', keys, nameIdFormat: null } }],
      [entry({ mayEnter: false, isBound: false }), 'rights-unconfirmed', { pending: null }],
    ],
  },
  providerSessionGoesOn: {
    yes: [
      { end: null, now },
      { end: '2026-03-01T12:00:00.001Z', now },
    ],
    no: [[{ end: now, now }, 'session-expired']],
  },
};

const checks = Object.values(LOGIN_CHECKS).flatMap((list) => [...list] as ((known: unknown) => Refusal | null)[]);

test.each(checks.map((check) => [check.name, check] as const))('%s', (name, check) => {
  const { yes, no } = CASES[name] ?? { yes: [], no: [] };
  expect(yes.map((known) => check(known))).toEqual(yes.map(() => null));
  for (const [known, reason, keeps] of no) {
    const refusal = check(known);
    expect(refusal?.refused.reason).toBe(reason);
    // Unless a test names the kept data, a refusal keeps nothing.
    if (keeps === undefined) expect(refusal?.keeps).toBeNull();
    else expect(refusal?.keeps).toMatchObject(keeps);
  }
});

test('every check of the lists has a yes and a no here', () => {
  expect(checks.map(({ name }) => name).sort()).toEqual(Object.keys(CASES).sort());
  for (const { yes, no } of Object.values(CASES)) expect([yes.length > 0, no.length > 0]).toEqual([true, true]);
});
