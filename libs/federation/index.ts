export * from './oidc/index.ts';
export * from './saml/index.ts';
