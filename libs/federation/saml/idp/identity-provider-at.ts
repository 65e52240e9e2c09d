import type { SamlIdentityProvider } from './identity-provider-metadata.ts';

/** Addresses of Tenure as a SAML identity provider. @param url public address of the installation */
export function identityProviderAt(url: string): SamlIdentityProvider {
  const at = `${url}/idp/saml`;
  return { entityId: `${at}/metadata`, ssoUrl: `${at}/sso`, sloUrl: `${at}/slo`, soapUrl: `${at}/soap` };
}
