import type { OidcApplicationSettings } from '@tenure/config';
import { html } from '../../pages/html.ts';
import { page } from '../../pages/page.ts';

const WHY: Readonly<Record<string, string>> = {
  'not-active': 'Your access is not active: it begins later, is suspended, or has ended. Ask your manager or sponsor.',
  'no-access': 'You have no access to it. Ask for it on your page, or ask its owner.',
  'no-email': 'It knows people by their e-mail address, and Tenure knows none of yours. Ask your help desk.',
  'address-of-another': 'It has received your e-mail address for somebody else before. A person has to decide first; your help desk has a case.',
  'session-ended': 'Your session has ended. Go back to the application and begin again.',
};

/** Page for a person who may not enter an application. @param back address that returns them to it */
export function refusedEntryPage({ title }: Pick<OidcApplicationSettings, 'title'>, reason: string, back: string): string {
  const body = html`<header><h1>You cannot use ${title} now</h1></header>
<p>${WHY[reason] ?? WHY['no-access'] ?? ''}</p>
<p><a class="button" href="/me">See your access</a></p>
<p class="quiet"><a href="${back}">Back to ${title}</a></p>`;
  return page('No access', body);
}
