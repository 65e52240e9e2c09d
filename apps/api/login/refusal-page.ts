import type { FastifyReply } from 'fastify';
import { html as markup } from '../pages/html.ts';
import { page } from '../pages/page.ts';

/** Page for a person whose login was refused: a reference, never the reason. */
export function refusalPage(reply: FastifyReply, status: 403 | 404 | 429 | 502, reference: string): FastifyReply {
  const advice = ADVICE[status] ?? 'You could not be logged in. Try again from the start; if it fails again, give your help desk this reference.';
  const html = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Not logged in</title><link rel="stylesheet" href="/me.css"></head>
<body><main><h1>Not logged in</h1><p>${advice}</p><p>Reference: <code>${reference.replace(/[^\w.-]/g, '')}</code></p><p><a href="/me">Back to the start</a></p></main></body></html>`;
  return reply.status(status).type('text/html; charset=utf-8').send(html);
}

const ADVICE: Readonly<Record<number, string>> = {
  429: 'You have logged in too often within a minute. Try again in a minute.',
  502: "Your organisation's login service did not answer. Try again in a minute.",
};

/** Page for a person whose provider sent a message of logout that was refused. */
export function refusedLogoutPage(reply: FastifyReply, status: 403 | 429 | 502, reference: string): FastifyReply {
  const body = markup`<header><h1>Not logged out</h1></header>
<p>The logout of your login service was not accepted. Log out on your own page; if that fails, give your help desk this reference.</p>
<p>Reference: <code>${reference}</code></p><p><a href="/me">Back to the start</a></p>`;
  return reply.status(status).type('text/html; charset=utf-8').send(page('Not logged out', body));
}
