import type { LoginRefusal } from '@tenure/domain';
import type { FastifyReply } from 'fastify';
import { html } from '../pages/html.ts';
import { page } from '../pages/page.ts';

/** Reasons of a refusal that the back button, a reload or a page of an hour ago has. */
const reasons: readonly LoginRefusal[] = ['request-unknown', 'assertion-replayed', 'in-response-to-mismatch', 'state-mismatch', 'nonce-mismatch'];

export function isOfOldPage(reason: LoginRefusal): boolean {
  return reasons.includes(reason);
}

/** Page for a person whose browser repeats a step of a login: they may be logged in all the same. */
export function oldPage(reply: FastifyReply, reference: string): FastifyReply {
  const body = html`<header><h1>Not logged in by this page</h1></header>
<p>This step of a login was done before, or has waited for too long. If you are logged in, go on from here; otherwise log in again.</p>
<p><a href="/applications">Your applications</a> · <a href="/me">Your access</a></p>
<p class="quiet">Reference: <code>${reference}</code></p>`;
  return reply.status(403).type('text/html; charset=utf-8').send(page('Not logged in by this page', body));
}
