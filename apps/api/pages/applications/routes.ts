import { readLogo } from '@tenure/config';
import { RequestRefused, checkedReason, InputInvalid } from '@tenure/domain';
import { openRequest } from '@tenure/engine/requests';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { formToken, isFormToken } from '../../access/cross-site.ts';
import type { Refusals } from '../../access/refusals.ts';
import type { ReadSession } from '../../access/session-of-request.ts';
import type { ApiDependencies } from '../../server/dependencies.ts';
import { sendPage } from '../me/routes.ts';
import { errorPage } from '../signed-out-page.ts';
import { applicationsPage } from './applications-page.ts';
import { loadApplications } from './load-applications.ts';

type OfApplication = { Params: { application: string } };

/** A logo is content of a file that somebody drew: as a page of its own it runs nothing and loads nothing. */
const logoPolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox; base-uri 'none'; frame-ancestors 'none'";

const MESSAGES: Readonly<Record<string, string>> = {
  sent: 'Your request is stored. This page shows when you may enter.',
  refused: 'That cannot be requested, or you have requested it already.',
};

/** Registers the page of a person's applications, its logos, and the form by which access is requested. @param rateLimit requests of one address in a minute */
export function registerApplicationRoutes(
  fastify: FastifyInstance,
  dependencies: ApiDependencies,
  { readSession, refusals, rateLimit: max }: { readonly readSession: ReadSession; readonly refusals: Refusals; readonly rateLimit: number },
): void {
  const { configuration, store, engine, clock } = dependencies;
  const config = { rateLimit: { max, timeWindow: '1 minute' } };

  fastify.get('/applications', { config }, async (request: FastifyRequest<{ Querystring: Record<string, unknown> }>, reply) => {
    const found = await readSession(request);
    const shown = found === null ? null : await loadApplications(dependencies, found.caller.id, request.id);
    if (found === null || shown === null) return reply.header('cache-control', 'no-store').redirect('/login?returnTo=/applications', 303);
    const { request: outcome } = request.query;
    const message = typeof outcome === 'string' && Object.hasOwn(MESSAGES, outcome) ? (MESSAGES[outcome] ?? null) : null;
    return sendPage(reply, 200, applicationsPage(shown, formToken(found.token), message));
  });

  fastify.get('/applications/:application/logo', { config }, async (request: FastifyRequest<OfApplication>, reply) => {
    const { application } = request.params;
    const settings = Object.hasOwn(configuration.applications, application) ? configuration.applications[application] : undefined;
    const logo = settings?.logo == null ? null : await readLogo(settings.logo);
    if (logo === null || typeof logo === 'string') return reply.code(404).type('text/plain; charset=utf-8').send('There is no logo.');
    return reply
      .type(logo.type)
      .header('content-security-policy', logoPolicy)
      .header('x-content-type-options', 'nosniff')
      .header('cache-control', 'public, max-age=300')
      .send(logo.content);
  });

  fastify.post(
    '/applications/:application/request',
    { config },
    async (request: FastifyRequest<OfApplication & { Body: Readonly<Record<string, unknown>> | undefined }>, reply) => {
      const found = await readSession(request);
      if (found === null) return reply.header('cache-control', 'no-store').redirect('/login?returnTo=/applications', 303);
      const { token, access, justification } = request.body ?? {};
      if (!isFormToken(found.token, token)) {
        refusals.note(request, { caller: found.caller, code: 'FORM_OF_ANOTHER_PAGE', at: 'POST /applications/:application/request' });
        return sendPage(reply, 403, errorPage(request.id, 'This did not come from our own page. Go back, and send it there.'));
      }
      const identityId = found.caller.id;
      const [, kind, name] = /^(role|entitlement) (.+)$/.exec(typeof access === 'string' ? access : '') ?? [];
      try {
        const text = checkedReason(typeof justification === 'string' ? justification.replaceAll('\r\n', '\n') : '', 'justification');
        const shown = await loadApplications(dependencies, identityId, request.id);
        const application = shown?.applications.find(({ settings }) => settings.name === request.params.application);
        // Only what the page offers: the form of an application requests nothing else.
        const asked = application?.requestable.find((entry) => entry.kind === kind && entry.name === name);
        if (asked === undefined) return reply.header('cache-control', 'no-store').redirect('/applications?request=refused', 303);
        const items = [{ kind: asked.kind, name: asked.name, duration: null }];
        const act = { actor: { kind: 'person', id: identityId }, correlationId: request.id, now: clock() } as const;
        await store.transaction(act, (tx) => openRequest(tx, engine, { identityId, requestedBy: identityId, justification: text, items }));
      } catch (error) {
        if (error instanceof InputInvalid) return sendPage(reply, 400, errorPage(request.id, 'Say why you need the access, in up to 1000 characters.'));
        if (!(error instanceof RequestRefused)) throw error;
        return reply.header('cache-control', 'no-store').redirect('/applications?request=refused', 303);
      }
      return reply.header('cache-control', 'no-store').redirect('/applications?request=sent', 303);
    },
  );
}
