import type { Instant } from '@tenure/domain';
import { type Html, html } from '../html.ts';
import { type Holdings, isConfirmed, isOnlyObserved, isSetUp } from './load-holdings.ts';
import { page } from '../page.ts';
import { sessionList } from './session-list.ts';

/** Page with a person's grants, their ends and reasons, and the status of the accounts. */
export function mePage(own: Holdings, current: string | null, formToken: string, now: Instant): string {
  const { name, timeZone, holdings, accounts, withoutAccounts, sessions, titles } = own;
  const body = html`<header>
<h1>Hello, ${name}</h1>
<nav><a href="/applications">Your applications</a></nav>
<form method="post" action="/logout"><input type="hidden" name="token" value="${formToken}"><button>Log out</button> <button name="everywhere" value="yes">Log out everywhere</button></form>
</header>
<p id="state" role="status">${summary(own)}</p>
<section id="holdings" data-time-zone="${timeZone}" data-without-accounts="${withoutAccounts.join(' ')}">
${holdings.length === 0 ? emptyState : table(own, now)}
</section>
${
  accounts.length === 0
    ? null
    : html`<section>
<h2>Your accounts</h2>
<ul class="accounts" id="accounts">${accounts.map(
        (account) =>
          html`<li data-target="${account.target}"><strong>${account.targetTitle}</strong> <span class="name">${account.userName}</span> ${status(isSetUp(account), account.desired.state, isOnlyObserved(account.target, accounts))}</li>`,
      )}</ul>
</section>`
}
${sessionList({ sessions, current, titles }, formToken, now, (instant) => time(instant, timeZone))}`;
  return page('Your access', body, { script: '/me.js' });
}

const emptyState = html`<div class="empty"><h2>Nothing yet</h2><p>You have no access at the moment. New access appears on this page.</p></div>`;

function summary(own: Holdings): string {
  const { holdings, accounts } = own;
  if (holdings.length === 0) return 'You are logged in.';
  const waiting = holdings.filter(({ target }) => !isConfirmed(target, own) && !isOnlyObserved(target, accounts)).length;
  const observed = holdings.filter(({ target }) => isOnlyObserved(target, accounts)).length;
  if (waiting === 0 && observed > 0) return `${observed} of ${holdings.length} not set up by Tenure: these applications are only observed so far.`;
  return waiting === 0 ? 'All of your access is ready.' : `${waiting} of ${holdings.length} still being set up. This page follows along.`;
}

/** Columns beside the title of a grant. On a narrow screen each cell shows its own label (me.css), since there is no room for the row of headings. */
const columns = ['Where', 'Until', 'Why', 'State'] as const;

function cells(contents: readonly (string | Html | readonly Html[])[]): readonly Html[] {
  return contents.map((content, index) => html`<td data-label="${columns[index] ?? ''}">${content}</td>`);
}

function table(own: Holdings, now: Instant): Html {
  const { holdings, accounts, timeZone } = own;
  return html`<table>
<caption>Your access</caption>
<thead><tr><th scope="col">What</th>${columns.map((column) => html`<th scope="col">${column}</th>`)}</tr></thead>
<tbody>${holdings.map(
    ({ title, target, where, from, until, why }) => html`<tr>
<th scope="row">${title}</th>${cells([
      where,
      until === null ? 'no end' : time(until, timeZone),
      why.map((one) => html`<p>${one}</p>`),
      from > now
        ? html`<span class="badge">from ${time(from, timeZone)}</span>`
        : status(isConfirmed(target, own), 'enabled', isOnlyObserved(target, accounts)),
    ])}</tr>
`,
  )}</tbody>
</table>`;
}

function status(confirmed: boolean, wanted: 'enabled' | 'disabled' | 'absent', observed: boolean): Html {
  if (observed) return html`<span class="badge">only observed</span>`;
  if (!confirmed) return html`<span class="badge waiting">being set up</span>`;
  return wanted === 'enabled' ? html`<span class="badge ready">ready</span>` : html`<span class="badge">closed</span>`;
}

function time(instant: Instant, timeZone: string): Html {
  const text = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone }).format(new Date(instant));
  return html`<time datetime="${instant}">${text}</time>`;
}
