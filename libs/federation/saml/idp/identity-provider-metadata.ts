import { randomBytes } from 'node:crypto';
import type { Instant } from '@tenure/domain';
import { METADATA, POST_BINDING, PROTOCOL, REDIRECT_BINDING, SIGNATURE, SOAP_BINDING } from '../namespaces.ts';
import { escapeXml } from '../parse-xml.ts';
import { samlInstant } from '../saml-instant.ts';
import { derOf, type ElementSignature, signElement } from '../sign-element.ts';
import { EMAIL_FORMAT, PERSISTENT_FORMAT } from './name-formats.ts';

/** Addresses of Tenure as an identity provider. */
export interface SamlIdentityProvider {
  readonly entityId: string;
  /** Single sign-on by redirect and form. */
  readonly ssoUrl: string;
  /** Single logout by redirect and form. */
  readonly sloUrl: string;
  /** Single logout by SOAP. */
  readonly soapUrl: string;
}

export interface IdentityProviderMetadataInput {
  readonly identityProvider: SamlIdentityProvider;
  /** Certificates that sign, will sign, or have signed what may still be valid, PEM; the signing one first. */
  readonly certificates: readonly string[];
  readonly signature: Omit<ElementSignature, 'element'>;
  readonly now: Instant;
}

/** Milliseconds for which the document is valid: an application that reads it less often than that has lost touch with keys that were withdrawn. */
const VALIDITY = 14 * 86_400_000;

/** Metadata of Tenure as an identity provider (SAML metadata 2.4.3), signed. */
export function identityProviderMetadata({ identityProvider, certificates, signature, now }: IdentityProviderMetadataInput): string {
  const { entityId, ssoUrl, sloUrl, soapUrl } = identityProvider;
  const keys = certificates.map(
    (certificate) =>
      `<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="${SIGNATURE}"><ds:X509Data><ds:X509Certificate>${derOf(certificate)}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`,
  );
  const service = (name: string, binding: string, location: string): string => `<md:${name} Binding="${binding}" Location="${escapeXml(location)}"/>`;
  const validUntil = samlInstant(new Date(Date.parse(now) + VALIDITY).toISOString());
  // Without WantAuthnRequestsSigned: some applications take an explicit `false` as an order not to sign.
  const document =
    `<md:EntityDescriptor xmlns:md="${METADATA}" ID="_${randomBytes(20).toString('hex')}" entityID="${escapeXml(entityId)}" validUntil="${validUntil}" cacheDuration="PT1H">` +
    `<md:IDPSSODescriptor protocolSupportEnumeration="${PROTOCOL}">${keys.join('')}` +
    service('SingleLogoutService', REDIRECT_BINDING, sloUrl) +
    service('SingleLogoutService', POST_BINDING, sloUrl) +
    service('SingleLogoutService', SOAP_BINDING, soapUrl) +
    `<md:NameIDFormat>${PERSISTENT_FORMAT}</md:NameIDFormat><md:NameIDFormat>${EMAIL_FORMAT}</md:NameIDFormat>` +
    service('SingleSignOnService', REDIRECT_BINDING, ssoUrl) +
    service('SingleSignOnService', POST_BINDING, ssoUrl) +
    '</md:IDPSSODescriptor></md:EntityDescriptor>';
  return `<?xml version="1.0" encoding="UTF-8"?>\n${signElement(document, { ...signature, element: 'EntityDescriptor' })}\n`;
}
