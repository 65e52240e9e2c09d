import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { createSigningKey } from '@tenure/testing/identity-providers/self-signed-certificate.ts';
import { readDecryptionKey } from './decryption-key.ts';
import { parseXml } from './parse-xml.ts';
import { parseSamlMetadata } from './provider-metadata.ts';
import { serviceProviderMetadata } from './service-provider.ts';

const NOW = '2026-06-01T00:00:00.000Z';
const [first, second] = [createSigningKey('first'), createSigningKey('second')];
const body = (pem: string) => pem.replace(/-----[^-]+-----|\s/g, '');
const key = (pem: string, use = ' use="signing"') =>
  `<md:KeyDescriptor${use}><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>\n${body(pem)}\n</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`;
const REDIRECT = '<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example/sso?a=1&amp;b=2"/>';
const POST = '<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.example/post"/>';
const entity = (content: string, attributes = '') =>
  `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example/"${attributes}><md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">${content}</md:IDPSSODescriptor></md:EntityDescriptor>`;
const UNSIGNED = { signsRequests: false, certificates: [] };
const GOOD = key(first.certificate) + POST + REDIRECT;

describe('SAML metadata 2.4: identity provider metadata', () => {
  test('says who it is, where to send people and all the keys that may sign', () => {
    const keys = key(first.certificate) + key(second.certificate, '') + key(createSigningKey('x').certificate, ' use="encryption"');
    const metadata = parseSamlMetadata(`\ufeff<?xml version="1.0" encoding="utf-8"?>\n${entity(keys + POST + REDIRECT)}`, NOW);
    expect(metadata).toEqual({
      entityId: 'https://idp.example/',
      ssoUrl: 'https://idp.example/sso?a=1&b=2',
      ssoPostUrl: 'https://idp.example/post',
      wantsSignedRequests: false,
      logoutServices: [],
      signingCertificates: [expect.objectContaining({ pem: expect.stringContaining('BEGIN CERTIFICATE') }), expect.anything()],
      validUntil: null,
    });
    expect(metadata.signingCertificates.map(({ pem }) => body(pem))).toEqual([first, second].map(({ certificate }) => body(certificate)));
  });

  test('is found in a federation of one', () => {
    const wrapped = `<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" validUntil="2026-06-02T00:00:00Z">${entity(GOOD, ' validUntil="2026-07-01T00:00:00Z"')}</md:EntitiesDescriptor>`;
    expect(parseSamlMetadata(wrapped, NOW).validUntil).toBe('2026-06-02T00:00:00.000Z');
  });

  test.each([
    ['expired metadata', entity(GOOD, ' validUntil="2026-06-01T00:00:00Z"'), /expired/],
    ['a document type declaration', `<!DOCTYPE x>${entity(GOOD)}`, /document type/],
    ['a service provider', entity(GOOD).replaceAll('IDPSSO', 'SPSSO'), /0 identity providers/],
    [
      'two identity providers',
      `<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">${entity(GOOD)}${entity(GOOD)}</md:EntitiesDescriptor>`,
      /2 identity providers/,
    ],
    ['no certificate', entity(REDIRECT), /no signing certificate/],
    ['a broken certificate', entity(key('AAAA') + REDIRECT), /cannot be read/],
    ['a weak key', entity(key(createSigningKey('weak', new Date(), 1024).certificate) + REDIRECT), /2048/],
    ['no redirect binding', entity(key(first.certificate) + POST), /HTTP-Redirect/],
    ['an address that is no web address', entity(GOOD).replace('https://idp.example/sso', 'javascript:alert(1)//'), /no http/],
    ['no XML', 'hello', /cannot be read/],
    ['more than 1 MiB', ' '.repeat(1_048_577), /1 MiB/],
  ])('refuses %s', (_title, xml, message) => {
    expect(() => parseSamlMetadata(xml, NOW)).toThrow(message);
  });
});

describe('SAML metadata 2.4.4: our own', () => {
  test('names us, where to post, and that assertions have to be signed', () => {
    const xml = serviceProviderMetadata({ entityId: 'https://tenure.example/saml/a&b/metadata', acsUrl: 'https://tenure.example/saml/a&b/acs' }, UNSIGNED);
    expect(xml).toContain('entityID="https://tenure.example/saml/a&amp;b/metadata"');
    expect(xml).toContain('Location="https://tenure.example/saml/a&amp;b/acs"');
    expect(xml).toContain('WantAssertionsSigned="true"');
    expect(xml).not.toContain('KeyDescriptor');
  });

  test('names the key that assertions may be encrypted for, as a certificate where there is one, and never the private key', () => {
    const { privateKey, certificate } = createSigningKey('decryption');
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
    const metadata = (text: string) =>
      serviceProviderMetadata({ entityId: 'https://a.example', acsUrl: 'https://a.example/acs', decryption: readDecryptionKey(text) }, UNSIGNED);
    expect(metadata(`${pem}`)).toMatch(/<md:KeyDescriptor use="encryption">\s*<ds:KeyInfo[^>]*><ds:KeyValue><ds:RSAKeyValue><ds:Modulus>/);
    const named = /<ds:X509Certificate>([^<]*)</.exec(metadata(`${pem}${certificate}`))?.[1] ?? '';
    expect(new X509Certificate(Buffer.from(named, 'base64')).toString()).toBe(new X509Certificate(certificate).toString());
    for (const xml of [metadata(`${pem}`), metadata(`${pem}`.replaceAll('\n', '\\n'))])
      expect(parseXml(xml).text).not.toContain(privateKey.export({ format: 'jwk' }).d);
  });

  test.each([
    ['no key', () => 'hello', /no PEM private key/],
    ['a short key', () => createSigningKey('short', undefined, 1024).privateKey.export({ type: 'pkcs8', format: 'pem' }), /2048 bits/],
    ['a key that is not RSA', () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }), /2048 bits/],
    [
      'a certificate of another key',
      () => `${first.privateKey.export({ type: 'pkcs8', format: 'pem' })}${createSigningKey('other').certificate}`,
      /another key/,
    ],
  ])('refuses %s for decryption', (_title, pem, message) => {
    expect(() => readDecryptionKey(`${pem()}`)).toThrow(message);
  });
});
