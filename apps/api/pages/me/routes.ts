import '@fastify/cookie';
import { readFile } from 'node:fs/promises';
import formbody from '@fastify/formbody';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { InputInvalid, NotFound } from '@tenure/domain';
import { actorOf, type Role } from '@tenure/engine/callers';
import { sessionCookieName } from '../../access/credential.ts';
import { formToken, isFormToken } from '../../access/cross-site.ts';
import type { Refusals } from '../../access/refusals.ts';
import type { ReadSession, RequestSession } from '../../access/session-of-request.ts';
import type { ApiDependencies } from '../../server/dependencies.ts';
import { isTrustworthy } from '../../login/routes.ts';
import { endOneSession, logOut } from '@tenure/engine/login';
import type { ActContext } from '@tenure/store';
import { checkedId } from '../../graphql/connection.ts';
import type { EndingSession } from '../../login/log-out-there.ts';
import { loadHoldings } from './load-holdings.ts';
import { mePage } from './me-page.ts';
import { errorPage, leavingPage, publicPage, signedOutPage } from '../signed-out-page.ts';

/** Begins a logout at the provider of a session that has ended; `null`: there is none. */
export type Leave = (session: EndingSession | null, returnTo: string, context: ActContext) => Promise<{ readonly url: string; readonly title: string } | null>;

/** Registers the pages for people: `/`, `/me` and their files. Plain HTML that works without JavaScript. */
export async function registerMeRoutes(
  fastify: FastifyInstance,
  dependencies: ApiDependencies,
  readSession: ReadSession,
  refusals: Refusals,
  leave: Leave,
): Promise<void> {
  const { configuration, store, clock } = dependencies;
  const cookieName = sessionCookieName(configuration.url);
  const [css, script] = await Promise.all(['me.css', 'me.js'].map((name) => readFile(new URL(name, import.meta.url), 'utf8')));
  const clear = (reply: FastifyReply): void =>
    void reply.clearCookie(cookieName, { path: '/', httpOnly: true, secure: isTrustworthy(configuration.url), sameSite: 'lax' });
  await fastify.register(formbody, { bodyLimit: 10_000 });

  fastify.get('/', async (_request, reply) => sendPage(reply, 200, publicPage()));
  fastify.get('/me.css', async (_request, reply) => reply.type('text/css; charset=utf-8').header('cache-control', 'public, max-age=300').send(css));
  fastify.get('/me.js', async (_request, reply) => reply.type('text/javascript; charset=utf-8').header('cache-control', 'public, max-age=300').send(script));

  fastify.get('/me', async (request, reply) => {
    const found = await readSession(request);
    const holdings = found === null ? null : await loadHoldings(dependencies, found.caller.id);
    if (found === null || holdings === null) return sendPage(reply, 200, signedOutPage(configuration));
    return sendPage(reply, 200, mePage(holdings, found.session.id, formToken(found.token), clock()));
  });

  /** The person of a form, if it comes from our own page; otherwise the answer is sent. `null`: nobody is logged in. */
  const formOf = async (
    request: FastifyRequest<{ Body: Form | undefined }>,
    reply: FastifyReply,
    at: string,
    again: string,
  ): Promise<RequestSession | null> => {
    const found = await readSession(request);
    if (found === null || isFormToken(found.token, request.body?.token)) return found;
    refusals.note(request, { caller: found.caller, code: 'FORM_OF_ANOTHER_PAGE', at });
    await sendPage(reply, 403, errorPage(request.id, `This did not come from our own page. Go back and ${again} there.`));
    return null;
  };

  fastify.post<{ Body: Form | undefined }>('/logout', async (request, reply) => {
    const found = await formOf(request, reply, 'POST /logout', 'log out');
    if (reply.sent) return reply;
    if (found !== null) {
      const { id, sessionId } = found.caller;
      const isEverywhere = request.body?.everywhere !== undefined;
      const act = actOf(request, found);
      const source = await store.transaction(act, (tx) => logOut(tx, { identityId: id, sessionId, isEverywhere }));
      const there = await leave(source, '/me', act);
      if (there !== null) {
        clear(reply);
        // Not a redirect: browsers apply `form-action` to the redirects of a form as well.
        return sendPage(reply.header('refresh', `0; url=${there.url}`), 200, leavingPage(there));
      }
    }
    clear(reply);
    return reply.redirect('/me', 303);
  });

  fastify.post<{ Body: Form | undefined }>('/me/sessions', async (request, reply) => {
    const found = await formOf(request, reply, 'POST /me/sessions', 'end the session');
    if (reply.sent) return reply;
    const id = request.body?.session;
    if (found !== null && typeof id === 'string') {
      const own = { kind: found.caller.kind, id: found.caller.id, roles: new Set<Role>() };
      await store.transaction(actOf(request, found), (tx) => endOneSession(tx, own, { id: checkedId('session', id), reason: null })).catch(unlessOver);
    }
    return reply.redirect('/me', 303);
  });

  const actOf = ({ id }: FastifyRequest, { caller }: RequestSession): ActContext => ({ actor: actorOf(caller), correlationId: id, now: clock() });
}

/** Fields of the forms of these pages. */
interface Form {
  readonly token?: string;
  readonly everywhere?: string;
  readonly session?: string;
}

/** A session that is over, as after a second click, is what the person wanted: the page shows what is left. */
function unlessOver(error: unknown): void {
  if (!(error instanceof NotFound || error instanceof InputInvalid)) throw error;
}

/** A person's page is nobody else's to keep. */
export function sendPage(reply: FastifyReply, status: number, html: string): FastifyReply {
  return reply.code(status).type('text/html; charset=utf-8').header('cache-control', 'no-store').send(html);
}
