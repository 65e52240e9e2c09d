import { createPublicKey } from 'node:crypto';
import type { SamlDecryption } from './decryption-key.ts';
import { ENCRYPTION_11, METADATA, POST_BINDING, PROTOCOL, SIGNATURE } from './namespaces.ts';
import { escapeXml } from './parse-xml.ts';

/** What a provider has to sign. */
export type SignedPart = 'assertion' | 'response' | 'both';

/** Tenure towards one identity provider. */
export interface SamlServiceProvider {
  readonly entityId: string;
  /** Where responses are posted. */
  readonly acsUrl: string;
  /** What the provider has to sign; the assertion unless told otherwise. Whatever else is signed is verified as well. */
  readonly signed?: SignedPart;
  /** Where assertions of this provider may be encrypted. */
  readonly decryption?: SamlDecryption | null;
}

/** Our metadata (SAML metadata 2.4.4), for the identity provider's administrator to load. */
export function serviceProviderMetadata({ entityId, acsUrl, signed = 'assertion', decryption = null }: SamlServiceProvider): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<md:EntityDescriptor xmlns:md="${METADATA}" entityID="${escapeXml(entityId)}">
  <md:SPSSODescriptor AuthnRequestsSigned="false" WantAssertionsSigned="${signed !== 'response'}" protocolSupportEnumeration="${PROTOCOL}">${decryption === null ? '' : encryptionKey(decryption)}
    <md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</md:NameIDFormat>
    <md:AssertionConsumerService Binding="${POST_BINDING}" Location="${escapeXml(acsUrl)}" index="0" isDefault="true"/>
  </md:SPSSODescriptor>
</md:EntityDescriptor>
`;
}

/** What to encrypt for, and how (SAML metadata 2.4.1.1). */
function encryptionKey({ key, certificate }: SamlDecryption): string {
  const { n = '', e = '' } = createPublicKey(key).export({ format: 'jwk' });
  const base64 = (base64url: string): string => Buffer.from(base64url, 'base64url').toString('base64');
  const value = `<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>${base64(n)}</ds:Modulus><ds:Exponent>${base64(e)}</ds:Exponent></ds:RSAKeyValue></ds:KeyValue>`;
  const x509 = certificate?.replace(/-----[^-]+-----|\s/g, '') ?? null;
  return `
    <md:KeyDescriptor use="encryption">
      <ds:KeyInfo xmlns:ds="${SIGNATURE}">${x509 === null ? value : `<ds:X509Data><ds:X509Certificate>${x509}</ds:X509Certificate></ds:X509Data>`}</ds:KeyInfo>
      <md:EncryptionMethod Algorithm="${ENCRYPTION_11}aes256-gcm"/>
      <md:EncryptionMethod Algorithm="${ENCRYPTION_11}aes128-gcm"/>
      <md:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"/>
    </md:KeyDescriptor>`;
}
