import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { createSigningKey } from '@tenure/testing/identity-providers/self-signed-certificate.ts';
import { type LogoutRequestInput, logoutRequest, logoutResponse, readLogoutRequest, readLogoutResponse } from './logout.ts';
import { receivePost, receiveRedirect, receiveSoap, type ReceivedMessage, soapEnvelope } from './received-message.ts';
import { redirectQuery, signRedirect } from './redirect-binding.ts';
import { signElement } from './sign-element.ts';
import { readSigningCertificate } from './signing-certificate.ts';
import { KEY, later, NOW } from './test-messages.ts';

const DESTINATION = 'https://tenure.example/idp/saml/slo';
const SENDER = { entityId: 'https://wiki.example/metadata', signingCertificates: [readSigningCertificate(KEY.certificate)] };
const NAME = { value: 'a\tb<!--c-->&"d', format: null, nameQualifier: 'https://tenure.example', spNameQualifier: 'wiki' };
const EXPECTED = { sender: SENDER, destination: DESTINATION, clockSkew: 30_000, now: NOW };

const request = (more: Partial<LogoutRequestInput> = {}): string =>
  logoutRequest({
    id: '_1',
    issuer: SENDER.entityId,
    destination: DESTINATION,
    nameId: NAME,
    sessionIndex: '_session',
    notOnOrAfter: later(60),
    now: NOW,
    ...more,
  });
const signed = (xml: string, key = KEY): string => signElement(xml, { element: 'LogoutRequest', ...key });
const posted = (xml: string, relayState?: string): ReceivedMessage =>
  receivePost({ SAMLRequest: Buffer.from(xml).toString('base64'), ...(relayState === undefined ? {} : { RelayState: relayState }) });
const byRedirect = (xml = request(), relayState: string | null = null, key = KEY): string =>
  signRedirect(redirectQuery('SAMLRequest', xml, relayState), key.privateKey);
const original = signed(request());
const refusalOf = (read: () => unknown): unknown => {
  try {
    read();
    return null;
  } catch (error) {
    return (error as { reason?: string }).reason ?? error;
  }
};
const read = (message: ReceivedMessage) => readLogoutRequest(message, EXPECTED);

describe('SAML core 3.7.1 and bindings 3.2, 3.4 and 3.5: a LogoutRequest', () => {
  const whole = { id: '_1', issuer: SENDER.entityId, nameId: NAME, sessionIndexes: ['_session'] };
  test.each([
    ['form', () => posted(signed(request()))],
    ['redirect', () => receiveRedirect(byRedirect(request(), 'a&b=c'))],
    ['SOAP', () => receiveSoap(soapEnvelope(signed(request())))],
  ])('comes by %s as it was written, its name with every sign', (_binding, message) => expect(read(message())).toMatchObject(whole));

  test('by SOAP keeps namespaces that the envelope declares', () => {
    const bare = signed(request()).replace(/ xmlns:samlp="[^"]*"/, '');
    const envelope = soapEnvelope(bare).replace('<soap:Envelope', '<soap:Envelope xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"');
    expect(read(receiveSoap(envelope))).toMatchObject(whole);
  });

  test('of an EC key is verified by its certificate', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const sender = { entityId: SENDER.entityId, signingCertificates: [{ pem: '', base64: '', key: publicKey }] };
    const xml = signElement(request(), { element: 'LogoutRequest', privateKey, certificate: null });
    expect(readLogoutRequest(posted(xml), { ...EXPECTED, sender })).toMatchObject(whole);
    const query = signRedirect(redirectQuery('SAMLRequest', request(), null), privateKey);
    expect(readLogoutRequest(receiveRedirect(query), { ...EXPECTED, sender })).toMatchObject(whole);
  });

  test.each<[string, () => ReceivedMessage, string]>([
    ['unsigned in a form', () => posted(request()), 'signature-missing'],
    ['unsigned in an address', () => receiveRedirect(redirectQuery('SAMLRequest', request(), null)), 'signature-missing'],
    ['unsigned by SOAP', () => receiveSoap(soapEnvelope(request())), 'signature-missing'],
    [
      'signed by another key',
      () => posted(signElement(request(), { element: 'LogoutRequest', ...createSigningKey('x'), certificate: null })),
      'signature-invalid',
    ],
    ['signed by a key that it brings along', () => posted(signed(request(), createSigningKey('x'))), 'signature-key-unknown'],
    ['changed after it was signed', () => posted(signed(request()).replace('_session', '_another')), 'signature-invalid'],
    ['of another issuer', () => posted(signed(request({ issuer: 'https://evil.example' }))), 'wrong-issuer'],
    ['sent to another address', () => posted(signed(request({ destination: 'https://other.example' }))), 'wrong-destination'],
    ['signed without an address', () => posted(signed(request().replace(/ Destination="[^"]*"/, ''))), 'wrong-destination'],
    ['issued an hour ago', () => posted(signed(request({ now: later(-3600) }))), 'message-expired'],
    ['issued in an hour', () => posted(signed(request({ now: later(3600) }))), 'message-expired'],
    ['whose time is over', () => posted(signed(request({ notOnOrAfter: later(-60) }))), 'message-expired'],
    [
      'another message',
      () => receivePost({ SAMLRequest: Buffer.from(signed(request()).replaceAll('LogoutRequest', 'ManageNameIDRequest')).toString('base64') }),
      'malformed',
    ],
    ['wrapped around a signed one', () => posted(wrapped('')), 'signature-missing'],
    [
      'wrapped around a signed one whose signature it copies',
      () => posted(wrapped(/<ds:Signature .*<\/ds:Signature>/.exec(original)?.[0] ?? '')),
      'signature-invalid',
    ],
    [
      'wrapped around a signed one whose signature it moves',
      () => posted(wrapped(/<ds:Signature .*<\/ds:Signature>/.exec(original)?.[0] ?? '', /<ds:Signature .*<\/ds:Signature>/)),
      'signature-invalid',
    ],
    ['signed in itself and in its address', () => receiveRedirect(byRedirect(signed(request()))), 'signature-invalid'],
    ['with an entity', () => posted(`<!DOCTYPE a [<!ENTITY b "c">]>${signed(request())}`), 'document-type-declaration'],
    ['against the schema', () => posted(signed(request().replace('</saml:Issuer>', '</saml:Issuer><samlp:Extensions/>'))), 'schema-invalid'],
  ])('is refused when it is %s', (_what, message, reason) => expect(refusalOf(() => read(message()))).toBe(reason));

  function wrapped(signature: string, without: RegExp | string = ''): string {
    const inside = `<samlp:Extensions><x:a xmlns:x="urn:x">${original.replace(without, '')}</x:a></samlp:Extensions>`;
    return request({ id: '_2', sessionIndex: '_stolen' }).replace('</saml:Issuer>', `</saml:Issuer>${signature}${inside}`);
  }
});

describe('SAML bindings 3.4.4.1: a signed query', () => {
  test('counts with its parameters in any order, since each is signed at its place', () =>
    expect(read(receiveRedirect(byRedirect(request(), 'x').split('&').toReversed().join('&')))).toMatchObject({ id: '_1' }));
  test.each([
    ['another relay state', (query: string) => query.replace('RelayState=x', 'RelayState=y')],
    ['no relay state', (query: string) => query.replace('&RelayState=x', '')],
    ['the signature of nothing', (query: string) => query.replace(/Signature=.*/, 'Signature=AAAA')],
    ['a message encoded in another way', (query: string) => query.replace('SAMLRequest=', 'SAMLRequest=%0A')],
  ])('is refused with %s', (_what, change) => expect(refusalOf(() => read(receiveRedirect(change(byRedirect(request(), 'x')))))).toBe('signature-invalid'));
  test.each([
    ['two messages', (query: string) => `${query}&SAMLRequest=${encodeURIComponent('eJw=')}`],
    ['a second message with an encoded name', (query: string) => `SAMLReques%74=eJw&${query}`],
    ['a request and an answer', (query: string) => `${query}&SAMLResponse=eJw`],
    ['two signatures', (query: string) => `${query}&Signature=AAAA`],
    ['two relay states', (query: string) => `RelayState=&${query}`],
    ['another encoding', (query: string) => `${query}&SAMLEncoding=gzip`],
    ['a broken escape', (query: string) => `${query}&SAMLEncoding=%zz`],
    ['no message', () => 'RelayState=x'],
  ])('is refused with %s', (_what, change) => expect(refusalOf(() => receiveRedirect(change(byRedirect(request(), 'x'))))).toBe('malformed'));
  test.each(['http://www.w3.org/2000/09/xmldsig#rsa-sha1', 'http://www.w3.org/2000/09/xmldsig#hmac-sha1', 'none'])(
    'is refused by the algorithm %s',
    (algorithm) => {
      const changed = byRedirect().replace(/SigAlg=[^&]*/, `SigAlg=${encodeURIComponent(algorithm)}`);
      expect(refusalOf(() => read(receiveRedirect(changed)))).toBe('signature-algorithm');
    },
  );
  test('is refused without its algorithm', () => expect(refusalOf(() => receiveRedirect(byRedirect().replace(/&SigAlg=[^&]*/, '')))).toBe('signature-invalid'));
  test('that unpacks to more than 64 KiB is not unpacked further', () =>
    expect(refusalOf(() => receiveRedirect(redirectQuery('SAMLRequest', ' '.repeat(50_000_000), null)))).toBe('too-large'));
  test('is refused with a relay state longer than 2,000 characters', () =>
    expect(refusalOf(() => receiveRedirect(redirectQuery('SAMLRequest', request(), 'x'.repeat(2001))))).toBe('too-large'));
});

describe('SAML core 3.7.2: a LogoutResponse', () => {
  const response = (status: Parameters<typeof logoutResponse>[0]['status']): string =>
    signElement(logoutResponse({ id: '_2', issuer: SENDER.entityId, destination: DESTINATION, inResponseTo: '_1', status, now: NOW }), {
      element: 'LogoutResponse',
      ...KEY,
    });
  test.each([
    ['success', ['Success'], true],
    ['partial', ['Success', 'PartialLogout'], false],
    ['unknown-principal', ['Requester', 'UnknownPrincipal'], false],
    ['responder', ['Responder'], false],
  ] as const)('says %s', (status, words, isComplete) =>
    expect(readLogoutResponse(receivePost({ SAMLResponse: Buffer.from(response(status)).toString('base64') }), EXPECTED)).toEqual({
      inResponseTo: '_1',
      issuer: SENDER.entityId,
      status: words,
      isComplete,
    }),
  );
});
