import type { MessageField } from '@tenure/federation';
import type { FastifyReply } from 'fastify';
import { html } from '../../pages/html.ts';
import { page } from '../../pages/page.ts';

/** Message that a browser posts to an application. */
export interface PostedMessage {
  readonly url: string;
  readonly field: MessageField;
  readonly xml: string;
  readonly relayState: string | null;
  /** Title of the application. */
  readonly title: string;
}

/**
 * Sends a page that posts a message by its script, or by its button (SAML bindings 3.5.4). Its form leads to the origin of the application and nowhere
 * else.
 */
export function sendPostPage(reply: FastifyReply, { url, field, xml, relayState, title }: PostedMessage): FastifyReply {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `form-action ${new URL(url).origin}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  const body = html`<header><h1>${title}</h1></header>
<form method="post" action="${{ html: verbatim(url) }}">
<input type="hidden" name="${field}" value="${Buffer.from(xml).toString('base64')}">
${relayState === null ? null : html`<input type="hidden" name="RelayState" value="${{ html: verbatim(relayState) }}">`}
<p>If nothing happens, go on yourself.</p>
<button>Continue to ${title}</button>
</form>`;
  // The origin alone: some applications and firewalls refuse a form whose browser hides where it comes from (`Origin: null`).
  return reply
    .code(200)
    .type('text/html; charset=utf-8')
    .header('content-security-policy', policy)
    .header('referrer-policy', 'strict-origin')
    .send(page(title, body, { script: '/idp/saml/post.js' }));
}

/** Escapes a value that has to arrive as it came: nothing is left out, unlike in text for people. */
function verbatim(text: string): string {
  return text.replace(/[&<>"'\r\n]/g, (character) => `&#${character.charCodeAt(0)};`);
}
