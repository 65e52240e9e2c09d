export { createAuthnRequest, newRequestId } from './authn-request.ts';
export type { AuthnRequest, AuthnRequestInput } from './authn-request.ts';
export { parseSamlMetadata } from './provider-metadata.ts';
export type { SamlProviderMetadata } from './provider-metadata.ts';
export { serviceProviderMetadata } from './service-provider.ts';
export type { SamlServiceProvider } from './service-provider.ts';
export type { SamlRefusal } from './refusal.ts';
export { verifySamlResponse } from './verify-response.ts';
export type { SamlResponseInput, VerifiedAssertion } from './verify-response.ts';
