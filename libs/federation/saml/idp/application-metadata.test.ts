import { describe, expect, test } from '@jest/globals';
import { InputInvalid } from '@tenure/domain';
import { REDIRECT_BINDING, SOAP_BINDING } from '../namespaces.ts';
import { NOW } from '../test-messages.ts';
import { defaultConsumer, parseApplicationMetadata } from './application-metadata.ts';
import { identityProviderMetadata } from './identity-provider-metadata.ts';
import { application, applicationMetadata, consumer, IDENTITY_PROVIDER, keyDescriptor, TENURE_KEY, WIKI } from './test-application.ts';
import { parseSamlMetadata } from '../provider-metadata.ts';
import { createSigningKey } from '@tenure/testing/identity-providers/self-signed-certificate.ts';
import { withDocument } from '../parse-xml.ts';
import { verifySignature } from '../verify-signature.ts';
import { readElement } from '../parse-xml.ts';
import { readSigningCertificate } from '../signing-certificate.ts';

const slo = (binding: string, more = ''): string => `<md:SingleLogoutService Binding="${binding}" Location="https://wiki.example/slo" ${more}/>`;
const method = (algorithm: string): string => `<md:EncryptionMethod Algorithm="${algorithm}"/>`;

describe('SAML metadata 2.4.4: an application', () => {
  test('is read with what it states and the defaults for the rest', () =>
    expect(application()).toMatchObject({
      entityId: WIKI.entityId,
      assertionConsumers: [{ index: 0, url: WIKI.acsUrl, isDefault: null }],
      authnRequestsSigned: false,
      signs: 'both',
      encryption: null,
      nameIdFormats: [],
      logout: { redirect: null, post: null, soap: null },
      validUntil: null,
    }));
  test('is read with its logout by redirect and SOAP, and the address of its answers', () =>
    expect(application({ before: slo(SOAP_BINDING) + slo(REDIRECT_BINDING, 'ResponseLocation="https://wiki.example/done"') }).logout).toEqual({
      redirect: { url: 'https://wiki.example/slo', responseUrl: 'https://wiki.example/done' },
      post: null,
      soap: 'https://wiki.example/slo',
    }));
  test.each([
    ['that is marked', [consumer('https://a.example', 0), consumer('https://b.example', 1, 'isDefault="true"')], 'https://b.example'],
    ['that is first', [consumer('https://a.example', 3), consumer('https://b.example', 1)], 'https://a.example'],
    ['that is first and not excluded', [consumer('https://a.example', 0, 'isDefault="false"'), consumer('https://b.example', 1)], 'https://b.example'],
    ['that is first, when all are excluded', [consumer('https://a.example', 0, 'isDefault="false"')], 'https://a.example'],
    ['for forms', [consumer('https://a.example', 0, 'isDefault="true"', SOAP_BINDING), consumer('https://b.example', 1)], 'https://b.example'],
  ])('receives responses at the address %s', (_which, consumers, url) => expect(defaultConsumer(application({ consumers: consumers.join('') })).url).toBe(url));
  test.each([
    ['aes128-gcm before CBC', method('http://www.w3.org/2001/04/xmlenc#aes128-cbc') + method('http://www.w3.org/2009/xmlenc11#aes128-gcm'), 'aes-128-gcm'],
    ['nothing', '', 'aes-256-gcm'],
    ['a transport of keys alone', method('http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p'), 'aes-256-gcm'],
  ])('that names %s for encryption', (_what, methods, cipher) =>
    expect(application({ key: keyDescriptor('encryption', methods) }).encryption).toMatchObject({ cipher }),
  );

  test.each([
    ['too large', ' '.repeat(1_048_577)],
    ['no XML', 'x'],
    ['an identity provider', applicationMetadata().replaceAll('SPSSODescriptor', 'IDPSSODescriptor')],
    [
      'two applications',
      `<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">${applicationMetadata()}${applicationMetadata()}</md:EntitiesDescriptor>`,
    ],
    ['without an entityID', applicationMetadata().replace(/entityID="[^"]*"/, '')],
    ['expired', applicationMetadata({ attributes: 'validUntil="2020-01-01T00:00:00Z"' })],
    ['without an address for forms', applicationMetadata({ consumers: consumer(WIKI.acsUrl, 0, '', SOAP_BINDING) })],
    ['with a script as its address', applicationMetadata({ consumers: consumer('javascript:alert(1)', 0) })],
    ['with a file as its address', applicationMetadata({ consumers: consumer('file:///etc/passwd', 0) })],
    ['with signed requests and no key', applicationMetadata({ attributes: 'AuthnRequestsSigned="true"', key: keyDescriptor('encryption') })],
    ['with encryption by CBC alone', applicationMetadata({ key: keyDescriptor('encryption', method('http://www.w3.org/2001/04/xmlenc#aes256-cbc')) })],
    ['with keys encrypted by PKCS #1 v1.5', applicationMetadata({ key: keyDescriptor('encryption', method('http://www.w3.org/2001/04/xmlenc#rsa-1_5')) })],
    ['with a broken certificate', applicationMetadata({ key: keyDescriptor('signing').replace(/<ds:X509Certificate>/, '$&AAAA') })],
    ['with entities', `<!DOCTYPE a [<!ENTITY b "c">]>${applicationMetadata()}`],
    [
      'with more than a hundred addresses',
      applicationMetadata({ consumers: Array.from({ length: 101 }, (_, index) => consumer(WIKI.acsUrl, index)).join('') }),
    ],
  ])('that is %s is refused', (_what, xml) => expect(() => parseApplicationMetadata(xml, NOW)).toThrow(InputInvalid));
});

describe('SAML metadata 2.4.3: Tenure as an identity provider', () => {
  const next = createSigningKey('next');
  const xml = identityProviderMetadata({
    identityProvider: IDENTITY_PROVIDER,
    certificates: [TENURE_KEY.certificate, next.certificate],
    signature: TENURE_KEY,
    now: NOW,
  });
  test('is read by the receiving side with both keys of a rollover and an end', () =>
    expect(parseSamlMetadata(xml, NOW)).toMatchObject({
      entityId: IDENTITY_PROVIDER.entityId,
      ssoUrl: IDENTITY_PROVIDER.ssoUrl,
      ssoPostUrl: IDENTITY_PROVIDER.ssoUrl,
      signingCertificates: [{ pem: TENURE_KEY.certificate }, { pem: next.certificate }],
      validUntil: expect.any(String),
    }));
  test('is signed by the key that signs', () => {
    const signer = { signingCertificates: [readSigningCertificate(TENURE_KEY.certificate)] };
    withDocument(xml, (document) =>
      expect(verifySignature({ document, element: document.root, data: readElement(document.root) }, signer)).toContain('IDPSSODescriptor'),
    );
  });
  test('does not say that requests need no signature, which some applications take for an order', () => expect(xml).not.toContain('WantAuthnRequestsSigned'));
  test('offers logout by redirect, form and SOAP', () =>
    expect(Array.from(xml.matchAll(/<md:SingleLogoutService Binding="[^"]*:([^":]*)"/g), ([, binding]) => binding)).toEqual([
      'HTTP-Redirect',
      'HTTP-POST',
      'SOAP',
    ]));
});
