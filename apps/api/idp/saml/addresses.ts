import type { SamlIdentityProvider } from '@tenure/federation';

/** Addresses of Tenure as a SAML identity provider. @param url public address of the installation */
export function identityProviderAt(url: string): SamlIdentityProvider {
  const at = `${url}/idp/saml`;
  return { entityId: `${at}/metadata`, ssoUrl: `${at}/sso`, sloUrl: `${at}/slo`, soapUrl: `${at}/soap` };
}

/** Milliseconds by which the clocks of applications may differ. */
export const CLOCK_SKEW = 30_000;
