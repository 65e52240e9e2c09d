/** Path of Tenure's OpenID provider. */
export const OPENID_PATH = '/idp/oidc';

/** Issuer of Tenure's OpenID provider. @param url public address of Tenure */
export function openidIssuer(url: string): string {
  return new URL(OPENID_PATH, url).href;
}
