import type { Browser, Page } from '@tenure/testing/browser.ts';
import { forgetRequestTimes, lastRequestTime } from '../request-times.ts';
import type { Stage } from '../stage.ts';

/** A login as a person saw it in the browser. */
export interface SeenLogin {
  readonly page: Page;
  /** When the identity provider sent the person back, milliseconds since 1970: Tenure's part begins here. */
  readonly begun: number;
  /** Milliseconds that Tenure took to verify, decide and accept: the one request with the identity provider's answer. */
  readonly took: number;
  /** Milliseconds from the click to the page, redirects and the identity provider included. */
  readonly whole: number;
}

const answers = { 'partner-saml': '/saml/partner-saml/acs', 'company-oidc': '/oidc/company-oidc/callback' } as const;

/** Opens /me through an identity provider, in a browser of the person's own. */
export async function logIn({ tenure }: Stage, browser: Browser, provider: keyof typeof answers, person: string): Promise<SeenLogin> {
  forgetRequestTimes();
  const protocol = provider === 'partner-saml' ? 'saml' : 'oidc';
  const begun = Date.now();
  const page = await browser.logIn(`${tenure.url}/${protocol}/${provider}/login?returnTo=%2Fme`, person);
  return { page, begun, took: lastRequestTime(answers[provider]) ?? Number.NaN, whole: Date.now() - begun };
}

/** True if a page is a person's own `/me`, and not the offer to log in. */
export function isOwnPage(page: Page, name: string): boolean {
  return page.status === 200 && new URL(page.url).pathname === '/me' && page.body.includes(`Hello, ${name}`);
}
