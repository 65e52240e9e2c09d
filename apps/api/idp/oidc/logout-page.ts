import { html } from '../../pages/html.ts';
import { page } from '../../pages/page.ts';

/** Page that asks whether to log out. @param application title of the application that asks for it; `null`: unknown */
export function logoutPage(action: string, application: string | null, fields: readonly (readonly [name: string, value: string])[]): string {
  const body = html`<header><h1>Log out?</h1></header>
<p>${application === null ? 'An application asks Tenure to log you out.' : `${application} asks Tenure to log you out.`} Your sessions at all applications that you reached through Tenure end as well.</p>
<form method="post" action="${action}">
${fields.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
<p><button class="button">Log out</button></p>
</form>
<p class="quiet"><a href="/me">Stay logged in</a></p>`;
  return page('Log out', body);
}

/** Page after a logout that leads nowhere else. */
export function loggedOutPage(application: string | null): string {
  const body = html`<header><h1>You are logged out</h1></header>
<p>${application === null ? 'Your session in Tenure has ended.' : `Your sessions in Tenure and at ${application} have ended.`}</p>
<p><a class="button" href="/me">Log in</a></p>`;
  return page('Logged out', body);
}
