import type { ApplicationSettings } from '@tenure/config';
import type { Instant } from '@tenure/domain';
import { type Html, html } from '../html.ts';
import { page } from '../page.ts';
import type { ShownApplication, ShownApplications } from './load-applications.ts';
import { requestForm } from './request-form.ts';

/** Page with the applications that a person may use, and those that they may request. @param message `null`: nothing has just happened */
export function applicationsPage({ applications, timeZone }: ShownApplications, formToken: string, message: string | null): string {
  const usable = applications.filter(({ decision }) => decision.mayEnter);
  const requestable = applications.filter((one) => one.requestable.length > 0);
  const unnamed = applications.filter(({ decision }) => !decision.mayEnter && decision.reason === 'no-email');
  const body = html`<header>
<h1>Your applications</h1>
<nav><a href="/me">Your access</a></nav>
</header>
${message === null ? null : html`<p role="status" class="message">${message}</p>`}
${
  usable.length === 0
    ? html`<div class="empty"><h2>No applications</h2><p>You cannot use any application with your login at the moment.</p></div>`
    : html`<ul class="applications">${usable.map((one) => usableItem(one, timeZone))}</ul>`
}
${
  unnamed.length === 0
    ? null
    : html`<p class="quiet">${listed(unnamed)} ${unnamed.length === 1 ? 'knows' : 'know'} people by their e-mail address, and yours is not known. Your help desk can have it added.</p>`
}
${
  requestable.length === 0
    ? null
    : html`<h2>You may request</h2><ul class="applications">${requestable.map(
        (one) =>
          html`<li id="request-${one.settings.name}">${logoOf(one.settings)}<div><strong>${one.settings.title}</strong>${requestForm(one, formToken, true)}</div></li>`,
      )}</ul>`
}`;
  return page('Your applications', body);
}

function usableItem({ settings, since, until, lastUsedAt }: ShownApplication, timeZone: string): Html {
  const { title, address } = settings;
  const facts = [
    since === null ? null : html`since ${time(since, timeZone)}`,
    until === null ? null : html`until ${time(until, timeZone)}`,
    lastUsedAt === null ? html`never used` : html`last used ${time(lastUsedAt, timeZone)}`,
  ].filter((fact) => fact !== null);
  return html`<li>${logoOf(settings)}<div>${address === null ? html`<strong>${title}</strong>` : html`<a class="title" href="${address}">${title}</a>`}
<p class="quiet">${facts.map((fact, index) => html`${index === 0 ? null : html` · `}${fact}`)}</p></div></li>`;
}

/** The logo, beside the title that says the same; a letter where there is none. */
export function logoOf({ name, title, logo }: Pick<ApplicationSettings, 'name' | 'title' | 'logo'>): Html {
  return logo === null
    ? html`<span class="logo" aria-hidden="true">${[...title][0] ?? ''}</span>`
    : html`<img class="logo" src="/applications/${encodeURIComponent(name)}/logo" alt="" width="40" height="40">`;
}

function listed(applications: readonly ShownApplication[]): string {
  return new Intl.ListFormat('en').format(applications.map(({ settings }) => settings.title));
}

function time(instant: Instant, timeZone: string): Html {
  return html`<time datetime="${instant}">${new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone }).format(new Date(instant))}</time>`;
}
