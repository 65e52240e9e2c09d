import { randomBytes } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import type { Instant } from '@tenure/domain';
import { ASSERTION, POST_BINDING, PROTOCOL } from './namespaces.ts';
import { escapeXml } from './parse-xml.ts';
import type { SamlProviderMetadata } from './provider-metadata.ts';
import type { SamlServiceProvider } from './service-provider.ts';

export interface AuthnRequestInput {
  readonly serviceProvider: SamlServiceProvider;
  readonly provider: SamlProviderMetadata;
  /** RelayState, returned with the response; at most 80 bytes (SAML bindings 3.4.3). Never trusted on return. */
  readonly relayState: string | null;
  /** Id from `newRequestId`; the response must name it. */
  readonly id: string;
  readonly now: Instant;
}

export interface AuthnRequest {
  /** Address that the browser is redirected to. */
  readonly redirectUrl: string;
}

/** Unguessable id of a request: 160 random bits, as SAML core 1.3.4 recommends; an xs:ID may not begin with a digit. */
export function newRequestId(): string {
  return `_${randomBytes(20).toString('hex')}`;
}

/** Creates an unsigned authentication request (SAML profiles 4.1.3) for HTTP-Redirect. */
export function createAuthnRequest({ serviceProvider, provider, relayState, id, now }: AuthnRequestInput): AuthnRequest {
  const xml =
    `<samlp:AuthnRequest xmlns:samlp="${PROTOCOL}" xmlns:saml="${ASSERTION}" ID="${escapeXml(id)}" Version="2.0"` +
    ` IssueInstant="${now}" Destination="${escapeXml(provider.ssoUrl)}" ProtocolBinding="${POST_BINDING}"` +
    ` AssertionConsumerServiceURL="${escapeXml(serviceProvider.acsUrl)}">` +
    `<saml:Issuer>${escapeXml(serviceProvider.entityId)}</saml:Issuer>` +
    '<samlp:NameIDPolicy AllowCreate="true"/></samlp:AuthnRequest>';
  const url = new URL(provider.ssoUrl);
  url.searchParams.set('SAMLRequest', deflateRawSync(xml).toString('base64'));
  if (relayState !== null) url.searchParams.set('RelayState', relayState);
  return { redirectUrl: url.href };
}
