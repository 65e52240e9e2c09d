import { describe, expect, test } from '@jest/globals';
import { PERSISTENT_FORMAT } from '@tenure/federation';
import { type EntryDemands, nextStep, type WaitingRequest } from './next-step.ts';

const at = (seconds: number): string => new Date(Date.parse('2026-03-01T12:00:00.000Z') + seconds * 1000).toISOString();
const mfa = 'https://refeds.org/profile/mfa';
const password = 'urn:oasis:names:tc:SAML:2.0:ac:classes:Password';
const nothing: EntryDemands = {
  acsUrl: 'https://wiki.example/acs',
  relayState: null,
  forceAuthn: false,
  isPassive: false,
  context: null,
  nameIdFormat: null,
  allowCreate: true,
  subject: null,
};
/** Session of an hour ago, and of a login after the request. */
const old = { createdAt: at(-3600), authenticatedAt: at(-3600), acr: null };
const fresh = { createdAt: at(20), authenticatedAt: at(19), acr: null };
const step = (demands: Partial<EntryDemands>, more: Partial<WaitingRequest> = {}) =>
  nextStep({ demands: { ...nothing, ...demands }, receivedAt: at(0), asked: 0, nameIdFormat: PERSISTENT_FORMAT, session: null, ...more });
const enter = { kind: 'enter' };
const refuse = (status: string) => ({ kind: 'refuse', status });
const login = (parameters: object) => ({ kind: 'login', parameters });

describe('SAML core 3.4.1: how a request goes on', () => {
  test('any session enters where nothing is demanded', () => expect([step({}, { session: old }), step({}, { session: fresh })]).toEqual([enter, enter]));
  test('without a session there is a login', () => expect(step({})).toEqual(login({})));

  describe('ForceAuthn', () => {
    const forceAuthn = true;
    test('asks the source although there is a session', () => expect(step({ forceAuthn }, { session: old })).toEqual(login({ force: 'true' })));
    test('is satisfied by an authentication after the request, or a little before by a clock that is behind', () =>
      expect([0, 19, -29].map((seconds) => step({ forceAuthn }, { asked: 1, session: { ...fresh, authenticatedAt: at(seconds) } }))).toEqual([
        enter,
        enter,
        enter,
      ]));
    test.each([
      ['is older', at(-31)],
      ['is not stated', null],
    ])('is not satisfied by a login after the request whose authentication %s', (_what, authenticatedAt) =>
      expect(step({ forceAuthn }, { asked: 1, session: { ...fresh, authenticatedAt } })).toEqual(refuse('no-authn-context')),
    );
    test('is not satisfied by a session from before, whatever its source states', () =>
      expect(step({ forceAuthn }, { session: { ...old, authenticatedAt: at(10) } })).toEqual(login({ force: 'true' })));
  });

  describe('RequestedAuthnContext', () => {
    const exact = { classes: [mfa, password], comparison: 'exact' } as const;
    test('names its classes to the source', () => expect(step({ context: exact })).toEqual(login({ acr: `${mfa} ${password}` })));
    test('is satisfied by a session with one of them', () => expect(step({ context: exact }, { session: { ...old, acr: mfa } })).toEqual(enter));
    test('is not satisfied by what the source answered instead', () =>
      expect(step({ context: { classes: [mfa], comparison: 'exact' } }, { asked: 1, session: { ...fresh, acr: password } })).toEqual(
        refuse('no-authn-context'),
      ));
    test('asks again after a login that came before the request', () =>
      expect(step({ context: exact }, { asked: 1, session: old })).toEqual(login({ acr: `${mfa} ${password}` })));
    test('of a comparison that no list expresses asks for a new authentication', () =>
      expect(step({ context: { classes: [password], comparison: 'better' } }, { session: { ...old, acr: password } })).toEqual(login({ force: 'true' })));
    test('hands on no class that would read as two', () =>
      expect(step({ context: { classes: [`${mfa} urn:x`, mfa], comparison: 'exact' } })).toEqual(login({ acr: mfa })));
  });

  describe('IsPassive', () => {
    const isPassive = true;
    test('asks the source once without a page, and then gives up', () =>
      expect([step({ isPassive }), step({ isPassive }, { asked: 1 })]).toEqual([login({ passive: 'true' }), refuse('no-passive')]));
    test('with ForceAuthn that is not satisfied is NoPassive', () =>
      expect(step({ isPassive, forceAuthn: true }, { asked: 1, session: old })).toEqual(refuse('no-passive')));
  });

  test.each([0, 1, 2])('after %i logins without a session there is another', (asked) => expect(step({}, { asked })).toEqual(login({})));
  test('after three there is not', () =>
    expect([step({}, { asked: 3 }), step({ forceAuthn: true }, { asked: 3, session: old })]).toEqual([refuse('authn-failed'), refuse('no-authn-context')]));
  test('a format that the application does not get is refused before anybody is asked', () =>
    expect(step({ nameIdFormat: 'urn:x' })).toEqual(refuse('invalid-name-id-policy')));
  test('an address that the application expects is a hint', () =>
    expect(step({ subject: 'ada@contoso.example' })).toEqual(login({ hint: 'ada@contoso.example' })));
});
