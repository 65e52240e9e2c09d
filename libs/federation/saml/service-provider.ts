import { createPublicKey } from 'node:crypto';
import type { SamlDecryption } from './decryption-key.ts';
import { ENCRYPTION_11, METADATA, POST_BINDING, PROTOCOL, REDIRECT_BINDING, SIGNATURE, SOAP_BINDING } from './namespaces.ts';
import { escapeXml } from './parse-xml.ts';

/** Part of a response that a provider must sign. */
export type SignedPart = 'assertion' | 'response' | 'both';

/** Tenure as the service provider of one identity provider. */
export interface SamlServiceProvider {
  readonly entityId: string;
  /** Address that responses are posted to (assertion consumer service). */
  readonly acsUrl: string;
  /** Part that the provider must sign; the assertion unless set. Further signatures are verified as well. */
  readonly signed?: SignedPart;
  /** Key for encrypted assertions of this provider; absent and `null`: they may not be encrypted. */
  readonly decryption?: SamlDecryption | null;
  /** Address of single logout; absent: it is not offered. */
  readonly logoutUrl?: string;
}

/** Signatures of Tenure as a service provider. */
export interface ServiceProviderSignatures {
  /** True: requests of authentication are signed; those of logout always are. */
  readonly signsRequests: boolean;
  /** Certificates of the keys that sign now or later, in PEM. */
  readonly certificates: readonly string[];
}

/** Metadata of Tenure (SAML metadata 2.4.4), for the administrator of the identity provider. */
export function serviceProviderMetadata(
  { entityId, acsUrl, signed = 'assertion', decryption = null, logoutUrl }: SamlServiceProvider,
  { signsRequests, certificates }: ServiceProviderSignatures,
): string {
  const logout =
    logoutUrl === undefined
      ? []
      : [REDIRECT_BINDING, POST_BINDING, SOAP_BINDING].map(
          (binding) => `
    <md:SingleLogoutService Binding="${binding}" Location="${escapeXml(logoutUrl)}"/>`,
        );
  return `<?xml version="1.0" encoding="UTF-8"?>
<md:EntityDescriptor xmlns:md="${METADATA}" entityID="${escapeXml(entityId)}">
  <md:SPSSODescriptor AuthnRequestsSigned="${signsRequests}" WantAssertionsSigned="${signed !== 'response'}" protocolSupportEnumeration="${PROTOCOL}">${certificates.map(signingKey).join('')}${decryption === null ? '' : encryptionKey(decryption)}${logout.join('')}
    <md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</md:NameIDFormat>
    <md:AssertionConsumerService Binding="${POST_BINDING}" Location="${escapeXml(acsUrl)}" index="0" isDefault="true"/>
  </md:SPSSODescriptor>
</md:EntityDescriptor>
`;
}

/** Key that may sign (SAML metadata 2.4.1.1). */
function signingKey(certificate: string): string {
  return `
    <md:KeyDescriptor use="signing">
      <ds:KeyInfo xmlns:ds="${SIGNATURE}"><ds:X509Data><ds:X509Certificate>${certificate.replace(/-----[^-]+-----|\s/g, '')}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>
    </md:KeyDescriptor>`;
}

/** Key to encrypt for, and the accepted methods (SAML metadata 2.4.1.1). */
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
