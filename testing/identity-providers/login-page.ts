import { listPeople, type People } from './people.ts';

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Escapes text for HTML and XML. */
export function escapeMarkup(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

/** A plain page that lists everybody with a link; following one is logging in. */
export function loginPage(title: string, people: People, linkOf: (name: string) => string): string {
  const links = listPeople(people).map(({ name }) => `<li><a href="${escapeMarkup(linkOf(name))}">${escapeMarkup(name)}</a></li>`);
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escapeMarkup(title)}</title>
<h1>${escapeMarkup(title)}</h1><p>Who is logging in?</p><ul>${links.join('')}</ul></html>`;
}

/** A form that posts itself (SAML bindings 3.5.4), with a button for browsers without scripts. */
export function autoPostPage(action: string, fields: Readonly<Record<string, string>>): string {
  const inputs = Object.entries(fields).map(([name, value]) => `<input type="hidden" name="${escapeMarkup(name)}" value="${escapeMarkup(value)}">`);
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Logging in</title><body onload="document.forms[0].submit()">
<form method="post" action="${escapeMarkup(action)}">${inputs.join('')}<noscript><button>Continue</button></noscript></form></body></html>`;
}
