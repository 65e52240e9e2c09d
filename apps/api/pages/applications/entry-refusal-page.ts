import type { EntryRefusal } from '@tenure/domain';
import { formToken } from '../../access/cross-site.ts';
import type { ApiDependencies } from '../../server/dependencies.ts';
import { html } from '../html.ts';
import { page } from '../page.ts';
import { logoOf } from './applications-page.ts';
import { loadApplications, type ShownApplication } from './load-applications.ts';
import { requestForm } from './request-form.ts';

/** Entry of a person that was refused. */
export interface RefusedEntry {
  /** Name of the application. */
  readonly application: string;
  readonly identityId: string;
  readonly reason: EntryRefusal;
  /** Id of the request, under which the audit has the refusal. */
  readonly reference: string;
  /** Token of the session with which they came (`RequestSession`), by which the forms of the page are protected. */
  readonly sessionToken: string;
}

/** Page for a person who may not enter an application: why, in words, and how to request access. Send it with status 403 and `cache-control: no-store`. */
export async function entryRefusalPage(
  dependencies: Pick<ApiDependencies, 'store' | 'engine' | 'clock'>,
  { application: name, identityId, reason, reference, sessionToken }: RefusedEntry,
): Promise<string> {
  const shown = await loadApplications(dependencies, identityId, reference);
  const application = shown?.applications.find(({ settings }) => settings.name === name);
  const title = application?.settings.title ?? name;
  const form = application === undefined || reason !== 'no-access' ? null : requestForm(application, formToken(sessionToken));
  const body = html`<header><h1>${application === undefined ? null : logoOf(application.settings)} You cannot use ${title}</h1></header>
<p>${sentenceOf(reason, title)}</p>
${form ?? html`<p>${adviceOf(reason, application)}</p>`}
<p><a href="/applications">Your applications</a></p>
<p class="quiet">Reference: <code>${reference}</code></p>`;
  return page(`You cannot use ${title}`, body);
}

function sentenceOf(reason: EntryRefusal, title: string): string {
  switch (reason) {
    case 'not-active':
      return 'Your access is suspended, has not begun yet, or has ended. That concerns all applications.';
    case 'no-access':
      return `You are logged in, and nothing gives you access to ${title}.`;
    case 'no-email':
      return `${title} knows people by their e-mail address, and yours is not known here.`;
    case 'address-of-another':
      return `${title} knows people by their e-mail address, and it knew somebody else by yours. So that you do not get into their account, somebody has to look at it first.`;
    case 'session-ended':
      return 'You are no longer logged in.';
  }
}

function adviceOf(reason: EntryRefusal, application: ShownApplication | undefined): string {
  switch (reason) {
    case 'not-active':
      return 'If that is wrong, turn to your manager, who can have the dates corrected.';
    case 'no-access':
      return application === undefined
        ? 'It may have been removed.'
        : 'You cannot request it here. If you need it for your work, turn to your manager or your help desk with the reference below.';
    case 'no-email':
      return 'Your help desk can have it added: give them the reference below.';
    case 'address-of-another':
      return 'The operators have been asked. Try again later, or give your help desk the reference below.';
    case 'session-ended':
      return 'Begin again at the application.';
  }
}
