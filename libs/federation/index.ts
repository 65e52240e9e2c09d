export * from './oidc/index.ts';
export * from './saml/index.ts';
export { createSigningKey, type SigningKey } from './self-signed-certificate.ts';
