import { type KeyObject, randomBytes } from 'node:crypto';
import type { Instant, LoginDemands } from '@tenure/domain';
import { ASSERTION, POST_BINDING, PROTOCOL } from './namespaces.ts';
import { escapeXml } from './parse-xml.ts';
import type { SamlProviderMetadata } from './provider-metadata.ts';
import type { SamlServiceProvider } from './service-provider.ts';
import { redirectQuery, signRedirect } from './redirect-binding.ts';

export interface AuthnRequestInput {
  readonly serviceProvider: SamlServiceProvider;
  readonly provider: SamlProviderMetadata;
  /** RelayState, returned with the response; at most 80 bytes (SAML bindings 3.4.3). Never trusted on return. */
  readonly relayState: string | null;
  /** Id from `newRequestId`; the response must name it. */
  readonly id: string;
  /** Demands on the authentication; absent: none. */
  readonly demands?: Pick<LoginDemands, 'force' | 'passive' | 'acr'> | null;
  /** Name of the person, as far as it is known, for the login page of providers that read the parameter `login_hint`; absent: none. */
  readonly hint?: string | null;
  /** Key to sign the request with; absent: it is not signed. */
  readonly key?: KeyObject | null;
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

/** Creates an authentication request (SAML profiles 4.1.3) for HTTP-Redirect. */
export function createAuthnRequest(input: AuthnRequestInput): AuthnRequest {
  const { serviceProvider, provider, relayState, id, demands = null, hint = null, key = null, now } = input;
  const { force = false, passive = false, acr = [] } = demands ?? {};
  const xml =
    `<samlp:AuthnRequest xmlns:samlp="${PROTOCOL}" xmlns:saml="${ASSERTION}" ID="${escapeXml(id)}" Version="2.0"` +
    ` IssueInstant="${now}" Destination="${escapeXml(provider.ssoUrl)}"${force ? ' ForceAuthn="true"' : ''}${passive ? ' IsPassive="true"' : ''}` +
    ` ProtocolBinding="${POST_BINDING}" AssertionConsumerServiceURL="${escapeXml(serviceProvider.acsUrl)}">` +
    `<saml:Issuer>${escapeXml(serviceProvider.entityId)}</saml:Issuer>` +
    `<samlp:NameIDPolicy AllowCreate="true"/>${requestedContext(acr)}</samlp:AuthnRequest>`;
  const message = redirectQuery('SAMLRequest', xml, relayState);
  const query = key === null ? message : signRedirect(message, key);
  const url = new URL(provider.ssoUrl);
  if (hint !== null) url.searchParams.set('login_hint', hint);
  url.search = `${url.search === '' ? '?' : `${url.search}&`}${query}`;
  return { redirectUrl: url.href };
}

/** Demanded authentication contexts, of which the answer has to have one exactly (SAML core 3.3.2.2.1). */
function requestedContext(acr: readonly string[]): string {
  if (acr.length === 0) return '';
  const references = acr.map((one) => `<saml:AuthnContextClassRef>${escapeXml(one)}</saml:AuthnContextClassRef>`);
  return `<samlp:RequestedAuthnContext Comparison="exact">${references.join('')}</samlp:RequestedAuthnContext>`;
}
