export type { VerifiedIdToken } from './checks/answer.ts';
export { type LogoutToken, logoutToken } from './logout-token.ts';
export { OIDC_CHECKS } from './checks/index.ts';
export { sessionEndOf } from './checks/session-end-is-a-time.ts';
export { normaliseOidcClaims } from './claims.ts';
export type { ClaimValue, OidcClaims } from './claims.ts';
export type { OidcLogin } from './login.ts';
export { refuseOidc } from './refusal.ts';
export type { OidcRefusal } from './refusal.ts';
