import '@fastify/cookie';
import type { DecisionLink } from '@tenure/store';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Authenticate, Caller } from '@tenure/engine/callers';
import { sessionCookieName } from '../../access/credential.ts';
import { formToken, isFormToken } from '../../access/cross-site.ts';
import type { Refusals } from '../../access/refusals.ts';
import type { ApiDependencies } from '../../server/dependencies.ts';
import { errorPage, signedOutPage } from '../signed-out-page.ts';
import { sendPage } from '../me/routes.ts';
import { answeredPage, overPage, questionPage } from './pages.ts';
import { answerByLink, readQuestion } from '@tenure/engine/requests';

/** Maximum number of requests from one address in a minute. */
const rateLimit = { max: 30, timeWindow: '1 minute' };
const policy = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

type Asked = FastifyRequest<{ Params: { token: string }; Body: Readonly<Record<string, unknown>> | undefined }>;

/**
 * Links in mails by which one question can be answered once. Opening a link never decides, since mail scanners open links; answers are sent by a
 * form, and through the same code as every other answer.
 */
export function registerDecisionRoutes(fastify: FastifyInstance, dependencies: ApiDependencies, authenticate: Authenticate, refusals: Refusals): void {
  const { store, engine, clock, configuration } = dependencies;
  const cookieName = sessionCookieName(configuration.url);

  /** Opening a link that has expired is no refusal: nobody has tried anything. */
  const refuse = (request: FastifyRequest, code: string, link: DecisionLink | null, caller: Caller | null = null): void => {
    const details = link === null ? {} : { requestId: link.requestId, itemId: link.itemId, sentTo: link.approverId };
    refusals.note(request, { caller, code, at: `${request.method} /decide/:token`, details });
  };
  /** Refuses anybody but the logged-in approver of the link, where the installation requires a login. @returns the answer to anybody else */
  const stopped = async (request: FastifyRequest, reply: FastifyReply, link: DecisionLink): Promise<FastifyReply | null> => {
    if (configuration.mail?.decideByLink === 'link-alone') return null;
    const token = request.cookies[cookieName];
    const caller = token ? await authenticate(token) : null;
    if (caller?.kind !== 'person') return sendPage(reply, 401, signedOutPage(configuration, 'Log in, and open the link again.'));
    if (caller.id === link.approverId) return null;
    refuse(request, 'LINK_OF_ANOTHER', link, caller);
    return sendPage(reply, 403, errorPage(request.id, 'This link is for somebody else.'));
  };
  const found = async (token: string): Promise<DecisionLink | null> => {
    const isOn = configuration.mail !== null && configuration.mail.decideByLink !== 'off';
    return isOn && /^td_[\w-]{43}$/.test(token) ? store.read((tx) => tx.decisionLinks.look(token)) : null;
  };

  const unknown = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    refuse(request, 'LINK_UNKNOWN', null);
    return sendPage(reply, 404, overPage());
  };

  fastify.get<{ Params: { token: string } }>('/decide/:token', { config: { rateLimit } }, async (request, reply) => {
    guard(reply);
    const { token } = request.params;
    const link = await found(token);
    if (link === null) return unknown(request, reply);
    const answer = await stopped(request, reply, link);
    if (answer !== null) return answer;
    const question = await store.read((tx) => readQuestion(tx, dependencies.engine, link, clock()));
    return question === null ? sendPage(reply, 410, overPage()) : sendPage(reply, 200, questionPage(question, formToken(token)));
  });

  fastify.post<{ Params: { token: string }; Body: Asked['body'] }>('/decide/:token', { config: { rateLimit } }, async (request, reply) => {
    guard(reply);
    const { token } = request.params;
    const link = await found(token);
    if (link === null) return unknown(request, reply);
    const stop = await stopped(request, reply, link);
    if (stop !== null) return stop;
    const { decision, comment, token: form } = request.body ?? {};
    if (!isFormToken(token, form)) {
      refuse(request, 'FORM_OF_ANOTHER_PAGE', link);
      return sendPage(reply, 403, errorPage(request.id, 'This did not come from our own page. Open the link in the mail.'));
    }
    if ((decision !== 'approve' && decision !== 'deny') || typeof comment !== 'string')
      return sendPage(reply, 400, errorPage(request.id, 'Choose to approve or to deny.'));
    const approves = decision === 'approve';
    const given = { approves, comment: comment.replaceAll('\r\n', '\n').slice(0, 1000) };
    // All in one transaction: where it fails, the link stays valid.
    const act = { actor: { kind: 'person', id: link.approverId }, correlationId: request.id, now: clock() } as const;
    const outcome = await store.transaction(act, (tx) => answerByLink(tx, engine, token, link, given));
    return outcome === 'counted' ? sendPage(reply, 200, answeredPage(approves)) : sendPage(reply, 410, overPage());
  });
}

/** Protects the address, which is a secret: no other site learns it, and nobody caches the page. */
function guard(reply: FastifyReply): void {
  void reply.header('content-security-policy', policy).header('referrer-policy', 'no-referrer').header('x-robots-tag', 'noindex, nofollow');
}
