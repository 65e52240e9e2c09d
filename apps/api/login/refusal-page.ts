import type { FastifyReply } from 'fastify';

/** Page for a person whose login or logout was refused: a reference, never the reason. */
export function refusalPage(reply: FastifyReply, status: 403 | 404 | 429 | 502, reference: string, refused: 'login' | 'logout' = 'login'): FastifyReply {
  const advice = (refused === 'login' ? ADVICE[status] : undefined) ?? USUAL[refused];
  const title = refused === 'login' ? 'Not logged in' : 'Not logged out';
  const html = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title><link rel="stylesheet" href="/me.css"></head>
<body><main><h1>${title}</h1><p>${advice}</p><p>Reference: <code>${reference.replace(/[^\w.-]/g, '')}</code></p><p><a href="/me">Back to the start</a></p></main></body></html>`;
  return reply.status(status).type('text/html; charset=utf-8').send(html);
}

const USUAL = {
  login: 'You could not be logged in. Try again from the start; if it fails again, give your help desk this reference.',
  logout: 'The logout of your login service was not accepted. Log out on your own page; if that fails, give your help desk this reference.',
} as const;

const ADVICE: Readonly<Record<number, string>> = {
  429: 'You have logged in too often within a minute. Try again in a minute.',
  502: "Your organisation's login service did not answer. Try again in a minute.",
};
