import type { ApplicationSettings } from '@tenure/config';
import type { LoginRefusal } from '@tenure/domain';
import { html } from '../../pages/html.ts';
import { page } from '../../pages/page.ts';

/** Request of an application that is answered by a page: there is nowhere that an answer could go to. */
export interface RefusedRequest {
  readonly reason: LoginRefusal | 'request-over' | 'not-offered';
  /** Application that it is of, as far as that is known; `null`: unknown. */
  readonly application: Pick<ApplicationSettings, 'title' | 'address'> | null;
  readonly reference: string;
}

/** Page in words for the person, with a reference for their help desk; the log has the reason under it. */
export function refusedRequestPage({ reason, application, reference }: RefusedRequest): string {
  const title = application?.title ?? 'the application';
  const address = application?.address ?? null;
  const body = html`<header><h1>That did not work</h1></header>
<p>${sentenceOf(reason, title)}</p>
${address === null ? html`<p>Go back to ${title}, and begin there again.</p>` : html`<p><a class="button" href="${address}">Begin again at ${title}</a></p>`}
<p class="quiet">If it fails again, give your help desk this reference: <code>${reference}</code></p>`;
  return page('That did not work', body);
}

function sentenceOf(reason: RefusedRequest['reason'], title: string): string {
  switch (reason) {
    case 'request-over':
      return `This login for ${title} was answered already, or it took longer than ten minutes.`;
    case 'message-replayed':
      return `This login for ${title} was begun already: by another tab, a back button, or an old link.`;
    case 'message-expired':
      return `This login for ${title} was begun too long ago, or a clock is wrong.`;
    case 'request-of-another-browser':
      return 'This browser has not begun this login, or it does not take cookies.';
    case 'wrong-issuer':
      return 'The application that sent you here is not known to Tenure.';
    case 'wrong-recipient':
      return 'The application that sent you here wants the answer at an address that is not registered for it.';
    case 'not-offered':
      return `A login for ${title} begins at ${title}.`;
    case 'provider-unreachable':
      return `Nothing valid is known about ${title} at the moment: its metadata cannot be read. Try again in a minute.`;
    case 'too-many-logins':
      return 'That was too often. Wait a minute.';
    default:
      return 'The application that sent you here sent something that Tenure does not accept.';
  }
}
