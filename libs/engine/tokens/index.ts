export { askAboutTokens } from './ask-about-tokens.ts';
export { endToken } from './end-tokens.ts';
export { createServiceToken } from './create-service-token.ts';
export { revokeServiceToken } from './revoke-service-token.ts';
