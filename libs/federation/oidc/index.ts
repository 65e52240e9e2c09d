export { normaliseOidcClaims } from './claims.ts';
export type { ClaimValue, OidcClaims } from './claims.ts';
export type { OidcLogin } from './login.ts';
export type { OidcRefusal } from './refusal.ts';
