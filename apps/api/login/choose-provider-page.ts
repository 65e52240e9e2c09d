import type { ApplicationSettings, ProviderSettings } from '@tenure/config';
import { html } from '../pages/html.ts';
import { page } from '../pages/page.ts';
import { logoOf } from '../pages/applications/applications-page.ts';

/** Page on which a person chooses the identity provider. @param addresses where each login begins, with what the application demands */
export function chooseProviderPage(
  choices: readonly { readonly provider: ProviderSettings; readonly address: string }[],
  application: Pick<ApplicationSettings, 'name' | 'title' | 'logo'> | null,
): string {
  const heading = application === null ? 'Log in' : `Log in to go on to ${application.title}`;
  const body = html`<header><h1>${application === null ? null : logoOf(application)} ${heading}</h1></header>
${
  choices.length === 0
    ? html`<div class="empty"><p>No identity provider is configured yet: add one under identityProviders in tenure.yaml.</p></div>`
    : html`<p>Choose where you have your account.</p>
<ul class="providers">${choices.map(({ provider, address }) => html`<li><a class="button" href="${address}">${provider.title}</a></li>`)}</ul>`
}`;
  return page(heading, body);
}
