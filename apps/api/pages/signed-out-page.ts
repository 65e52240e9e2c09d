import type { Configuration } from '@tenure/config';
import { html } from './html.ts';
import { page } from './page.ts';

/** Page with the providers to log in with. */
export function signedOutPage({ identityProviders }: Configuration, message: string | null = null): string {
  const providers = Object.values(identityProviders);
  const body = html`<header><h1>Log in</h1></header>
${message === null ? null : html`<p role="status">${message}</p>`}
${
  providers.length === 0
    ? html`<div class="empty"><p>No identity provider is configured yet: add one under identityProviders in tenure.yaml.</p></div>`
    : html`<p>Choose where you have your account.</p>
<ul class="providers">${providers.map(({ name, title, protocol }) => html`<li><a class="button" href="/${protocol}/${encodeURIComponent(name)}/login">${title}</a></li>`)}</ul>`
}`;
  return page('Log in', body);
}

/** Page on the way to the logout at a provider, for browsers that do not go on by themselves. */
export function leavingPage({ url, title }: { readonly url: string; readonly title: string }): string {
  const body = html`<header><h1>You are logged out of Tenure</h1></header><p><a class="button" href="${url}">Log out of ${title}</a></p>`;
  return page('Logged out', body);
}

/** Public page at the root address. */
export function publicPage(): string {
  const body = html`<header><h1>Tenure</h1></header>
<p>Tenure gives every person exactly the access that the facts about them justify, from the moment a fact arrives until the moment it stops being true, and can say why for each piece of it.</p>
<p><a class="button" href="/me">See your access</a></p>
<p class="quiet">Programs talk to <code>/graphql</code> with a service token.</p>`;
  return page('Tenure', body);
}

/** Page for an error; the log has it under the reference. */
export function errorPage(reference: string, sentence: string): string {
  return page(
    'Something went wrong',
    html`<header><h1>That did not work</h1></header><p>${sentence}</p><p>Reference: <code>${reference}</code></p><p><a href="/me">Back to the start</a></p>`,
  );
}
