import { durationInWords, instantInWords } from '@tenure/engine/notifications';
import { html } from '../html.ts';
import { page } from '../page.ts';
import type { Question } from '@tenure/engine/requests';

/** The question, with a form that answers it. */
export function questionPage(question: Question, formToken: string): string {
  const { title, approver, stage, exceptions, dueAt, timeZone } = question;
  const due = dueAt === null ? null : instantInWords(dueAt, 'en', timeZone);
  const body = html`<header><h1>${title}</h1></header>
<p>${approver}, this waits for your approval (${stage}). Nothing is decided before you press a button.</p>
<table>
<tbody>
<tr><th scope="row">For</th><td>${question.for}</td></tr>
<tr><th scope="row">Requested by</th><td>${question.by}</td></tr>
<tr><th scope="row">Justification</th><td>${question.justification}</td></tr>
<tr><th scope="row">Duration</th><td>${durationInWords(question.duration, 'en')}</td></tr>
${question.observedTargets.length === 0 ? null : html`<tr><th scope="row">Only observed</th><td>${question.observedTargets.join(', ')}: Tenure gives nothing there until it is switched on, also after an approval.</td></tr>`}
${due === null ? null : html`<tr><th scope="row">Decide by</th><td>${due}</td></tr>`}
${exceptions.map(
  ({ rule, names, control }) =>
    html`<tr><th scope="row">Conflict</th><td>Needs an exception from ${rule} (${names.join(', ')}); compensating control: ${control}</td></tr>`,
)}
</tbody>
</table>
<form method="post">
<input type="hidden" name="token" value="${formToken}">
<p><label for="comment">Comment</label><br><textarea id="comment" name="comment" rows="3" maxlength="1000"></textarea></p>
<p><button name="decision" value="approve">Approve</button> <button name="decision" value="deny">Deny</button></p>
</form>`;
  return page(`Decide: ${title}`, body);
}

/** Result of an answer. */
export function answeredPage(approves: boolean): string {
  const body = html`<header><h1>${approves ? 'Approved' : 'Denied'}</h1></header><p>Your decision is stored. The link in the mail is used up.</p><p><a href="/me">To your page</a></p>`;
  return page('Answered', body);
}

/** Page for every link that is no longer valid, with one sentence that reveals nothing about the item. */
export function overPage(): string {
  const body = html`<header><h1>This link is no longer valid</h1></header>
<p>It was used, it has expired, or the approval no longer waits for you. If it still does, the newest mail about it has a valid link.</p><p><a href="/me">To your page</a></p>`;
  return page('Nothing to decide here', body);
}
