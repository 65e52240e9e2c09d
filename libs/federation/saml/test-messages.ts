import { buildSamlResponse, type SamlResponseContent, type SignatureOptions, signSamlResponse } from '@tenure/testing/identity-providers/saml-response.ts';
import { createSigningKey } from '@tenure/testing/identity-providers/self-signed-certificate.ts';
import type { SamlProviderMetadata } from './provider-metadata.ts';
import { readSigningCertificate } from './signing-certificate.ts';
import { parseResponse } from './parse-response.ts';
import { type SamlResponseInput, type VerifiedAssertion, verifySamlResponse } from './verify-response.ts';

/** Test data: one identity provider with its key, one service provider, and a pending request. */
export const KEY = createSigningKey('test identity provider');
export const NOW = new Date().toISOString();
export const REQUEST_ID = '_request';
export const SERVICE_PROVIDER = { entityId: 'https://tenure.example/saml/contoso/metadata', acsUrl: 'https://tenure.example/saml/contoso/acs' };
export const PROVIDER: SamlProviderMetadata = {
  entityId: 'https://idp.example/metadata',
  ssoUrl: 'https://idp.example/sso',
  ssoPostUrl: null,
  wantsSignedRequests: false,
  logoutServices: [],
  signingCertificates: [readSigningCertificate(KEY.certificate)],
  validUntil: null,
};

export interface TestMessage extends SignatureOptions {
  readonly content?: Partial<SamlResponseContent>;
  readonly key?: typeof KEY;
  readonly sign?: readonly ('assertion' | 'response')[];
  /** Changes the response before it is signed. */
  readonly before?: (xml: string) => string;
  /** Changes the response after it is signed, like an attacker. */
  readonly after?: (xml: string) => string;
}

/** Response as an identity provider posts it, valid unless options change that. */
export function samlMessage({ content, key = KEY, sign = ['assertion'], before = same, after = same, ...signature }: TestMessage = {}): string {
  const xml = before(
    buildSamlResponse({
      issuer: PROVIDER.entityId,
      audience: SERVICE_PROVIDER.entityId,
      acsUrl: SERVICE_PROVIDER.acsUrl,
      inResponseTo: REQUEST_ID,
      subject: 'ada@contoso.example',
      attributes: { department: ['Finance'], groups: ['a', 'b'], manager: [] },
      now: NOW,
      assertionId: '_assertion',
      ...content,
    }),
  );
  return after(sign.length > 0 ? signSamlResponse(xml, key, sign, signature) : xml);
}

/** Verifies a response against the provider, service provider and request of this file. */
export async function verify(
  xml: string,
  { samlResponse = Buffer.from(xml).toString('base64'), ...input }: Partial<SamlResponseInput> & { readonly samlResponse?: string } = {},
): Promise<VerifiedAssertion> {
  return verifySamlResponse({
    response: parseResponse(samlResponse),
    provider: PROVIDER,
    serviceProvider: SERVICE_PROVIDER,
    expectedInResponseTo: REQUEST_ID,
    clockSkew: 30_000,
    now: NOW,
    ...input,
  });
}

/** Instant these seconds after `NOW`. */
export function later(seconds: number): string {
  return new Date(Date.parse(NOW) + seconds * 1000).toISOString();
}

function same(xml: string): string {
  return xml;
}
