import { type Html, html } from '../html.ts';
import type { ShownApplication } from './load-applications.ts';

/**
 * Form by which a person requests access to an application, and the state of requests that wait; `null`: there is nothing to request. @param isFolded true:
 * the form is one of many, and is opened by its title
 */
export function requestForm({ settings, requestable }: Pick<ShownApplication, 'settings' | 'requestable'>, formToken: string, isFolded = false): Html | null {
  const waiting = requestable.filter(({ reason }) => reason !== null);
  const open = requestable.filter(({ reason }) => reason === null);
  if (requestable.length === 0) return null;
  const id = `why-${settings.name}`;
  const waits = waiting.length === 0 ? null : html`<p><span class="badge waiting">requested</span> ${titles(waiting)} waits for approval.</p>`;
  if (open.length === 0) return waits;
  const form = html`<form class="ask" method="post" action="/applications/${encodeURIComponent(settings.name)}/request">
<input type="hidden" name="token" value="${formToken}">
${
  open.length === 1
    ? html`<input type="hidden" name="access" value="${accessValue(open[0] as (typeof open)[number])}"><p class="quiet">${titles(open)}</p>`
    : html`<fieldset><legend>What you need</legend>${open.map(
        (entry) => html`<label><input type="radio" name="access" value="${accessValue(entry)}" required> ${entry.title}</label>`,
      )}</fieldset>`
}
<label for="${id}">Why you need it</label>
<textarea id="${id}" name="justification" rows="2" maxlength="1000" required></textarea>
<button>${isFolded ? 'Send the request' : 'Request access'}</button>
</form>`;
  return html`${waits}${isFolded ? html`<details><summary>Request access</summary>${form}</details>` : form}`;
}

function titles(entries: ShownApplication['requestable']): string {
  return entries.map(({ title }) => title).join(', ');
}

function accessValue({ kind, name }: ShownApplication['requestable'][number]): string {
  return `${kind} ${name}`;
}
