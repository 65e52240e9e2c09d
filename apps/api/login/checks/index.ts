import { browserHasBegunIt } from './browser-has-begun-it.ts';
import { loginWasBegun } from './login-was-begun.ts';
import { requestIsInTime } from './request-is-in-time.ts';
import { requestIsStored } from './request-is-stored.ts';
import { secretIsTheBrowsers } from './secret-is-the-browsers.ts';

/**
 * The checks of an answer at the browser's side, in order, before its protocol proves it. `stored` stands before OpenID Connect uses a code up: only
 * the browser that began a login may end it, and only in time. (Of SAML, `LOGIN_CHECKS.answer` says that once the assertion is proven.)
 */
export const BROWSER_CHECKS = {
  brought: [loginWasBegun, browserHasBegunIt],
  stored: [requestIsStored, secretIsTheBrowsers, requestIsInTime],
} as const;
