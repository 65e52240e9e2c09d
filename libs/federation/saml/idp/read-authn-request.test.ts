import { describe, expect, test } from '@jest/globals';
import { createSigningKey } from '@tenure/testing/identity-providers/self-signed-certificate.ts';
import { SAML } from '@node-saml/node-saml';
import { receivePost, receiveRedirect, type ReceivedMessage } from '../received-message.ts';
import { redirectQuery, signRedirect } from '../redirect-binding.ts';
import { signElement } from '../sign-element.ts';
import { later, NOW } from '../test-messages.ts';
import { readAuthnRequest } from './read-authn-request.ts';
import { satisfiesContext } from './satisfies-context.ts';
import { APPLICATION_KEY, application, authnRequest, consumer, IDENTITY_PROVIDER, type TestApplication, WIKI } from './test-application.ts';

const SIGNS: TestApplication = { attributes: 'AuthnRequestsSigned="true"' };
const posted = (xml: string): ReceivedMessage => receivePost({ SAMLRequest: Buffer.from(xml).toString('base64') });
const read = (message: ReceivedMessage | string, parts: TestApplication = {}) =>
  readAuthnRequest(typeof message === 'string' ? posted(message) : message, {
    application: application(parts),
    destination: IDENTITY_PROVIDER.ssoUrl,
    clockSkew: 30_000,
    now: NOW,
  });
const signed = (xml: string, key = APPLICATION_KEY): string => signElement(xml, { element: 'AuthnRequest', ...key });
const byRedirect = (xml: string, key = APPLICATION_KEY): ReceivedMessage =>
  receiveRedirect(signRedirect(redirectQuery('SAMLRequest', xml, 'x'), key.privateKey));
const refusalOf = (attempt: () => unknown): unknown => {
  try {
    attempt();
    return null;
  } catch (error) {
    return (error as { reason?: string }).reason ?? error;
  }
};
const context = (classes: readonly string[], comparison = ''): string =>
  `<samlp:RequestedAuthnContext ${comparison}>${classes.map((name) => `<saml:AuthnContextClassRef>${name}</saml:AuthnContextClassRef>`).join('')}</samlp:RequestedAuthnContext>`;

describe('SAML core 3.4.1 and profiles 4.1.4.1: an AuthnRequest', () => {
  test('with nothing but what it must have demands nothing', () =>
    expect(read(authnRequest())).toEqual({
      id: '_request',
      acsUrl: WIKI.acsUrl,
      forceAuthn: false,
      isPassive: false,
      context: null,
      nameIdFormat: null,
      allowCreate: true,
      subject: null,
      refusedAs: null,
      staleAt: later(330),
    }));
  test('states its demands', () =>
    expect(
      read(
        authnRequest({
          attributes: `ForceAuthn="1" IsPassive="true" AssertionConsumerServiceURL="${WIKI.acsUrl}"`,
          inside: `<saml:Subject><saml:NameID>ada</saml:NameID></saml:Subject><samlp:NameIDPolicy Format="urn:x" AllowCreate="false"/>${context(['urn:a', 'urn:b'], 'Comparison="minimum"')}`,
        }),
      ),
    ).toMatchObject({
      forceAuthn: true,
      isPassive: true,
      context: { classes: ['urn:a', 'urn:b'], comparison: 'minimum' },
      nameIdFormat: 'urn:x',
      allowCreate: false,
      subject: 'ada',
    }));
  test('of node-saml, by redirect and signed, is read', async () => {
    const saml = new SAML({
      callbackUrl: WIKI.acsUrl,
      issuer: WIKI.entityId,
      entryPoint: IDENTITY_PROVIDER.ssoUrl,
      idpCert: APPLICATION_KEY.certificate,
      privateKey: APPLICATION_KEY.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      signatureAlgorithm: 'sha256',
    });
    const url = new URL(await saml.getAuthorizeUrlAsync('state', 'wiki.example', {}));
    expect(read(receiveRedirect(url.search.slice(1)), SIGNS)).toMatchObject({ acsUrl: WIKI.acsUrl, refusedAs: null });
  });

  describe('SAML2int: where an application signs, only signed requests count', () => {
    test.each([
      ['a form', () => posted(signed(authnRequest()))],
      ['an address', () => byRedirect(authnRequest())],
    ])('in %s', (_where, message) => expect(read(message(), SIGNS)).toMatchObject({ id: '_request' }));
    test.each<[string, () => ReceivedMessage, string]>([
      ['unsigned', () => posted(authnRequest()), 'signature-missing'],
      ['unsigned in an address', () => receiveRedirect(redirectQuery('SAMLRequest', authnRequest(), null)), 'signature-missing'],
      ['signed by another key', () => byRedirect(authnRequest(), createSigningKey('x')), 'signature-invalid'],
      ['signed by a key that it brings along', () => posted(signed(authnRequest(), createSigningKey('x'))), 'signature-key-unknown'],
      ['changed after it was signed', () => posted(signed(authnRequest()).replace('IssueInstant', 'ForceAuthn="true" IssueInstant')), 'signature-invalid'],
    ])('%s is refused', (_what, message, reason) => expect(refusalOf(() => read(message(), SIGNS))).toBe(reason));
    test.each([
      ['beside it', (original: string) => wrapped(original, /<ds:Signature .*<\/ds:Signature>/s.exec(original)?.[0] ?? '')],
      ['inside of it', (original: string) => wrapped(original, '')],
    ])('wrapped around a signed one with the signature %s is refused', (_where, wrap) =>
      expect(refusalOf(() => read(wrap(signed(authnRequest())), SIGNS))).toMatch(/^signature-(invalid|missing)$/),
    );
  });

  function wrapped(original: string, signature: string): string {
    const inside = `${signature}<samlp:Extensions><x:a xmlns:x="urn:x">${original}</x:a></samlp:Extensions>`;
    return authnRequest({ id: '_evil', attributes: 'ForceAuthn="false"', inside });
  }

  test('with a wrong signature is refused also where none is needed', () =>
    expect(refusalOf(() => read(byRedirect(authnRequest(), createSigningKey('x'))))).toBe('signature-invalid'));

  test.each([
    ['of another issuer', authnRequest({ issuer: 'https://evil.example' }), 'wrong-issuer'],
    ['for another address', authnRequest({ destination: 'https://other.example' }), 'wrong-destination'],
    ['an hour old', authnRequest({ now: later(-3600) }), 'message-expired'],
    ['of tomorrow', authnRequest({ now: later(86_400) }), 'message-expired'],
    ['of another version', authnRequest().replace('Version="2.0"', 'Version="1.1"'), 'malformed'],
    ['against the schema', authnRequest({ inside: '<samlp:NameIDPolicy/><samlp:NameIDPolicy/>' }), 'schema-invalid'],
    ['with an entity in its issuer', `<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>${authnRequest({ issuer: '&b;' })}`, 'document-type-declaration'],
    ['with entities that multiply', `<!DOCTYPE a [<!ENTITY b "b"><!ENTITY c "&b;&b;&b;&b;">]>${authnRequest({ issuer: '&c;' })}`, 'document-type-declaration'],
    ['with a comment in its issuer', authnRequest({ issuer: 'https://wiki.example<!---->/metadata' }), 'wrong-issuer'],
  ])('%s is refused', (_what, xml, reason) => expect(refusalOf(() => read(xml))).toBe(reason));
});

describe('SAML profiles 4.1.4.1: responses go to an address of the metadata alone', () => {
  const two = { consumers: consumer(WIKI.acsUrl, 0) + consumer('https://wiki.example/second', 7) };
  const acs = (url: string): string => `AssertionConsumerServiceURL="${url}"`;
  test.each([
    ['the default', '', WIKI.acsUrl],
    ['an index', 'AssertionConsumerServiceIndex="7"', 'https://wiki.example/second'],
    ['an address', acs('https://wiki.example/second'), 'https://wiki.example/second'],
  ])('by %s', (_what, attributes, url) => expect(read(authnRequest({ attributes }), two).acsUrl).toBe(url));
  test.each([
    ['another host', acs('https://evil.example/acs')],
    ['a suffix', acs(`${WIKI.acsUrl}.evil.example`)],
    ['a longer path', acs(`${WIKI.acsUrl}/../evil`)],
    ['a query', acs(`${WIKI.acsUrl}?next=evil`)],
    ['another case', acs(WIKI.acsUrl.toUpperCase())],
    ['user information', acs('https://wiki.example@evil.example/acs')],
    ['another scheme', acs('http://wiki.example/acs')],
    ['a script', acs('javascript:alert(1)')],
    ['nothing', acs('')],
    ['an index that is not there', 'AssertionConsumerServiceIndex="1"'],
    ['an index and an address', `AssertionConsumerServiceIndex="0" ${acs(WIKI.acsUrl)}`],
  ])('never to %s', (_what, attributes) => expect(refusalOf(() => read(authnRequest({ attributes }), two))).toBe('wrong-recipient'));
});

describe('SAML core 3.4.1: a request that cannot be fulfilled is answered by its status', () => {
  test.each([
    ['another binding of the response', { attributes: 'ProtocolBinding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact"' }, 'unsupported-binding'],
    ['names of another application', { inside: '<samlp:NameIDPolicy SPNameQualifier="https://other.example"/>' }, 'invalid-name-id-policy'],
    [
      'declarations of contexts',
      { inside: '<samlp:RequestedAuthnContext><saml:AuthnContextDeclRef>urn:x</saml:AuthnContextDeclRef></samlp:RequestedAuthnContext>' },
      'no-authn-context',
    ],
    ['more contexts than are compared', { inside: context(Array.from({ length: 21 }, (_, index) => `urn:${index}`)) }, 'no-authn-context'],
    ['conditions', { inside: '<saml:Conditions/>' }, 'request-unsupported'],
  ] as const)('%s', (_what, parts, status) => expect(read(authnRequest(parts)).refusedAs).toBe(status));
});

describe('SAML core 3.3.2.2.1: RequestedAuthnContext', () => {
  const name = (word: string): string => `urn:oasis:names:tc:SAML:2.0:ac:classes:${word}`;
  const [password, transport, token, x509] = ['Password', 'PasswordProtectedTransport', 'TimeSyncToken', 'X509'].map(name) as [string, string, string, string];
  test.each<[Parameters<typeof satisfiesContext>[1]['comparison'], readonly string[], string | null, boolean]>([
    ['exact', [transport], transport, true],
    ['exact', [transport, token], token, true],
    ['exact', [transport], token, false],
    ['exact', [transport], null, false],
    ['exact', [name('unspecified')], null, true],
    ['exact', [name('unspecified')], password, true],
    ['minimum', [transport], transport, true],
    ['minimum', [transport], token, true],
    ['minimum', [transport], password, false],
    ['minimum', [transport], x509, false],
    ['minimum', [x509], x509, true],
    ['minimum', ['https://refeds.org/profile/mfa'], token, true],
    ['minimum', [transport], null, false],
    ['maximum', [transport], password, true],
    ['maximum', [transport], token, false],
    ['maximum', [transport], null, false],
    ['better', [password], transport, true],
    ['better', [transport], transport, false],
    ['better', [password, token], transport, false],
    ['better', [name('unspecified')], password, true],
    ['better', [transport], null, false],
    ['better', [x509], token, false],
  ])('%s %j with %s: %s', (comparison, classes, stated, satisfied) => expect(satisfiesContext(stated, { classes, comparison })).toBe(satisfied));
});
