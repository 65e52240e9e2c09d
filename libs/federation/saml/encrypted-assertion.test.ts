import { describe, expect, test } from '@jest/globals';
import { createSigningKey } from '@tenure/testing/identity-providers/self-signed-certificate.ts';
import { readDecryptionKey } from './decryption-key.ts';
import type { SamlRefusal } from './refusal.ts';
import type { SamlServiceProvider } from './service-provider.ts';
import { type EncryptionOptions, encryptAssertion, encryptedAssertion } from './test-encryption.ts';
import { KEY, PROVIDER, REQUEST_ID, SERVICE_PROVIDER, samlMessage, verify } from './test-messages.ts';

const OURS = createSigningKey('decryption');
const serviceProvider: SamlServiceProvider = {
  ...SERVICE_PROVIDER,
  decryption: readDecryptionKey(OURS.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()),
};
const refused = (reason: SamlRefusal) => expect.objectContaining({ code: 'LOGIN_REFUSED', reason });
const encrypted = (options: EncryptionOptions = {}) => samlMessage({ after: (xml) => encryptAssertion(xml, OURS, options) });
const [unsigned, signed] = [samlMessage({ sign: [] }), samlMessage()];
const assertionOf = (xml: string) =>
  (/<saml:Assertion .*<\/saml:Assertion>/s.exec(xml)?.[0] ?? '').replace(
    '<saml:Assertion ',
    '<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ',
  );
const around = (plain: string) => unsigned.replace(/<saml:Assertion .*<\/saml:Assertion>/s, () => encryptedAssertion(plain, OURS));

describe('SAML core 2.3.4 and XML Encryption 1.1: encrypted assertions', () => {
  test.each<[string, EncryptionOptions]>([
    ['AES-256-GCM, key by RSA-OAEP with SHA-1', {}],
    ['AES-128-GCM', { cipher: 'aes-128-gcm' }],
    ['the key beside the data', { keyBeside: true }],
    ['RSA-OAEP of XML Encryption 1.1 with SHA-256 for both', { transport: 'rsa-oaep', hash: 'sha256', mask: 'sha256' }],
    ['RSA-OAEP of XML Encryption 1.1 with SHA-1 for both', { transport: 'rsa-oaep', mask: 'sha1' }],
  ])('accepts %s', async (_title, options) => {
    expect(await verify(encrypted(options), { serviceProvider })).toMatchObject({ subject: 'ada@contoso.example', claims: { department: ['Finance'] } });
  });

  test('accepts one in a signed response, and there an unsigned one where only the response has to be signed', async () => {
    const both = { ...serviceProvider, signed: 'both' } as const;
    const whole = (assertion: string) =>
      samlMessage({
        sign: ['response'],
        before: (xml) =>
          encryptAssertion(
            xml.replace(/<saml:Assertion .*<\/saml:Assertion>/s, () => assertion),
            OURS,
          ),
      });
    const plain = (xml: string) => /<saml:Assertion .*<\/saml:Assertion>/s.exec(xml)?.[0] ?? '';
    expect((await verify(whole(plain(signed)), { serviceProvider: both })).subject).toBe('ada@contoso.example');
    expect((await verify(whole(plain(unsigned)), { serviceProvider: { ...serviceProvider, signed: 'response' } })).subject).toBe('ada@contoso.example');
    await expect(verify(whole(plain(unsigned)), { serviceProvider: both })).rejects.toEqual(refused('signature-missing'));
    await expect(verify(encrypted(), { serviceProvider: both })).rejects.toEqual(refused('signature-missing'));
  });

  test.each<[string, string, SamlRefusal]>([
    ['AES-CBC, which tells attackers what is inside', encrypted({ cipher: 'aes-256-cbc' }), 'encryption-algorithm'],
    ['a key by RSA with PKCS #1 1.5 padding', encrypted({ transport: 'rsa-1_5' }), 'encryption-algorithm'],
    ['different hashes for digest and mask', encrypted({ transport: 'rsa-oaep', hash: 'sha256', mask: 'sha1' }), 'encryption-algorithm'],
    ['an assertion for another key', samlMessage({ after: (xml) => encryptAssertion(xml, KEY) }), 'decryption-failed'],
    [
      'changed bytes',
      encrypted().replace(/<xenc:CipherValue>....(?=[^<]*<\/xenc:CipherValue><\/xenc:CipherData><\/xenc:EncryptedData>)/, '<xenc:CipherValue>AAAA'),
      'decryption-failed',
    ],
    [
      'no bytes',
      encrypted().replace(/<xenc:CipherValue>[^<]*(?=<\/xenc:CipherValue><\/xenc:CipherData><\/xenc:EncryptedData>)/, '<xenc:CipherValue>'),
      'decryption-failed',
    ],
    ['an unsigned assertion', around(assertionOf(unsigned)), 'signature-missing'],
    ['a changed assertion', around(assertionOf(signed).replace('ada@', 'eve@')), 'signature-invalid'],
    ['something that is no assertion', around('<x/>'), 'assertion-count'],
    ['an assertion in something else', around(`<x>${assertionOf(signed)}</x>`), 'assertion-count'],
    ['an encrypted assertion inside', around(encryptedAssertion(assertionOf(signed), OURS)), 'assertion-count'],
    ['a document type declaration inside', around(`<!DOCTYPE x [<!ENTITY e "eve">]>${assertionOf(signed)}`), 'document-type-declaration'],
    [
      'two assertions, one of them encrypted',
      signed.replace('</samlp:Response>', `${encryptedAssertion(assertionOf(signed), OURS)}</samlp:Response>`),
      'assertion-count',
    ],
    [
      'an assertion that is hidden in the encrypted one',
      around(assertionOf(signed).replace('</saml:Subject>', `</saml:Subject><saml:Advice>${assertionOf(unsigned)}</saml:Advice>`)),
      'assertion-count',
    ],
    [
      'a reference to bytes elsewhere',
      encrypted().replace(/<xenc:CipherValue>[^<]*<\/xenc:CipherValue>/, '<xenc:CipherReference URI="http://127.0.0.1/"/>'),
      'decryption-failed',
    ],
  ])('refuses %s', async (_title, xml, reason) => {
    await expect(verify(xml, { serviceProvider })).rejects.toEqual(refused(reason));
  });

  test('refuses any where no key is configured', async () => {
    await expect(verify(encrypted())).rejects.toEqual(refused('encrypted-unsupported'));
  });

  test('holds what was encrypted to all that a plain assertion is held to', async () => {
    const other = samlMessage({ content: { audience: 'https://elsewhere.example' }, after: (xml) => encryptAssertion(xml, OURS) });
    await expect(verify(other, { serviceProvider })).rejects.toEqual(refused('wrong-audience'));
    const answer = samlMessage({ content: { inResponseTo: '_other' }, after: (xml) => encryptAssertion(xml, OURS).replace('_other', REQUEST_ID) });
    await expect(verify(answer, { serviceProvider })).rejects.toEqual(refused('in-response-to-mismatch'));
    expect((await verify(samlMessage(), { serviceProvider })).issuer).toBe(PROVIDER.entityId);
  });
});
