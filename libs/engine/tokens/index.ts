export { askAboutTokens } from './ask-about-tokens.ts';
export { endToken } from './end-tokens.ts';
