import type { Instant } from '@tenure/domain';
import { endOf } from '@tenure/store';
import type { ApplicationSessionView, SessionView } from '../../graphql/login/view-sessions.ts';
import { type Html, html } from '../html.ts';

/** Open sessions of a person, as their page shows them. */
export interface OwnSessions {
  readonly sessions: readonly SessionView[];
  /** Id of the session of this request. */
  readonly current: string | null;
  /** Display names of identity providers and applications. */
  readonly titles: Readonly<Record<'providers' | 'applications', Readonly<Record<string, string>>>>;
}

/** List of a person's sessions, each with a button that ends it. */
export function sessionList({ sessions, current, titles }: OwnSessions, formToken: string, now: Instant, time: (instant: Instant) => Html): Html | null {
  if (sessions.length === 0) return null;
  const button = (id: string, what: string): Html =>
    html`<form method="post" action="/me/sessions"><input type="hidden" name="token" value="${formToken}"><button name="session" value="${id}" aria-label="End: ${what}">End</button></form>`;
  const since = ({ createdAt, lastUsedAt }: Pick<SessionView, 'createdAt' | 'lastUsedAt'>): Html =>
    html`since ${time(createdAt)}${lastUsedAt === null ? null : html`, last used ${time(lastUsedAt)}`}`;
  const atApplication = (one: ApplicationSessionView): Html => {
    const title = titles.applications[one.application ?? ''] ?? one.application ?? '';
    return html`<li><strong>${title}</strong> ${since(one)}, until ${time(one.expiresAt)} at the latest ${button(one.id, title)}</li>`;
  };
  return html`<section>
<h2>Your sessions</h2>
<ul class="accounts sessions">${sessions.map((session) => {
    const title = `Login through ${titles.providers[session.provider ?? ''] ?? session.provider ?? ''}`;
    const state =
      session.id === current ? html` <span class="badge">this browser</span>` : endOf(session) <= now ? html` <span class="badge">expired</span>` : null;
    return html`<li><strong>${title}</strong>${state} ${since(session)} ${button(session.id, title)}${
      session.applications.length === 0 ? null : html`<ul>${session.applications.map(atApplication)}</ul>`
    }</li>`;
  })}</ul>
</section>`;
}
