import '@fastify/cookie';
import { readFile } from 'node:fs/promises';
import formbody from '@fastify/formbody';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { actorOf } from '@tenure/engine/callers';
import { sessionCookieName } from '../../access/credential.ts';
import { formToken, isFormToken } from '../../access/cross-site.ts';
import type { Refusals } from '../../access/refusals.ts';
import type { ReadSession } from '../../access/session-of-request.ts';
import type { ApiDependencies } from '../../server/dependencies.ts';
import { isTrustworthy } from '../../login/routes.ts';
import { logOut } from '@tenure/engine/login';
import { loadHoldings } from './load-holdings.ts';
import { mePage } from './me-page.ts';
import { errorPage, publicPage, signedOutPage } from '../signed-out-page.ts';

/** Registers the pages for people: `/`, `/me` and their files. Plain HTML that works without JavaScript. */
export async function registerMeRoutes(fastify: FastifyInstance, dependencies: ApiDependencies, readSession: ReadSession, refusals: Refusals): Promise<void> {
  const { configuration, store, clock } = dependencies;
  const cookieName = sessionCookieName(configuration.url);
  const [css, script] = await Promise.all(['me.css', 'me.js'].map((name) => readFile(new URL(name, import.meta.url), 'utf8')));
  await fastify.register(formbody, { bodyLimit: 10_000 });

  fastify.get('/', async (_request, reply) => sendPage(reply, 200, publicPage()));
  fastify.get('/me.css', async (_request, reply) => reply.type('text/css; charset=utf-8').header('cache-control', 'public, max-age=300').send(css));
  fastify.get('/me.js', async (_request, reply) => reply.type('text/javascript; charset=utf-8').header('cache-control', 'public, max-age=300').send(script));

  fastify.get('/me', async (request, reply) => {
    const found = await readSession(request);
    const holdings = found === null ? null : await loadHoldings(dependencies, found.caller.id);
    if (found === null || holdings === null) return sendPage(reply, 200, signedOutPage(configuration));
    return sendPage(reply, 200, mePage(holdings, formToken(found.token), clock()));
  });

  fastify.post<{ Body: { token?: string; everywhere?: string } | undefined }>('/logout', async (request, reply) => {
    const found = await readSession(request);
    if (found !== null) {
      if (!isFormToken(found.token, request.body?.token)) {
        refusals.note(request, { caller: found.caller, code: 'FORM_OF_ANOTHER_PAGE', at: 'POST /logout' });
        return sendPage(reply, 403, errorPage(request.id, 'This did not come from our own page. Go back and log out there.'));
      }
      const { id, sessionId } = found.caller;
      const act = { actor: actorOf(found.caller), correlationId: request.id, now: clock() };
      const isEverywhere = request.body?.everywhere !== undefined;
      await store.transaction(act, (tx) => logOut(tx, { identityId: id, sessionId, isEverywhere }));
    }
    void reply.clearCookie(cookieName, { path: '/', httpOnly: true, secure: isTrustworthy(configuration.url), sameSite: 'lax' });
    return reply.redirect('/me', 303);
  });
}

/** A person's page is nobody else's to keep. */
export function sendPage(reply: FastifyReply, status: number, html: string): FastifyReply {
  return reply.code(status).type('text/html; charset=utf-8').header('cache-control', 'no-store').send(html);
}
