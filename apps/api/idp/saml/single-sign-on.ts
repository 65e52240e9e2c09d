import { type Instant, LoginRefused } from '@tenure/domain';
import { type Entry, enterApplication, keepRequest, type SamlApplication, type SamlApplications } from '@tenure/engine/applications';
import type { Keyring } from '@tenure/engine/keys';
import { defaultConsumer, newRequestId, type ReceivedMessage, readAuthnRequest, type StatusCode, writeRefusal, identityProviderAt } from '@tenure/federation';
import { hashToken, type ActContext, type ApplicationRequest, type Transaction } from '@tenure/store';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ReadSession, RequestSession } from '../../access/session-of-request.ts';
import { newBrowserSecret } from '../../login/login-cookie.ts';
import { entryRefusalPage } from '../../pages/applications/entry-refusal-page.ts';
import { sendPage } from '../../pages/me/routes.ts';
import type { ApiDependencies } from '../../server/dependencies.ts';
import { CLOCK_SKEW } from './clock-skew.ts';
import { entryResponse, nameIdFormatOf, responseBase } from './answer-entry.ts';
import { begunEntries, REQUEST_LIFETIME, setBegunEntries } from './begun-entries.ts';
import { type EntryDemands, nextStep } from './next-step.ts';
import { sendPostPage } from './post-page.ts';
import { readWithFreshMetadata, samlApplicationOf } from './saml-application-of.ts';

export interface SamlIdpDependencies extends Pick<ApiDependencies, 'store' | 'engine' | 'configuration' | 'clock' | 'logger'> {
  readonly readSession: ReadSession;
  readonly applications: SamlApplications;
  readonly keyring: Keyring;
}

/** A request that waits for its answer. */
interface Waiting {
  readonly application: SamlApplication;
  /** Id of the application's message; `null`: Tenure began by itself. */
  readonly messageId: string | null;
  readonly demands: EntryDemands;
  readonly receivedAt: Instant;
  readonly asked: number;
  /** Uses the request up. @returns false when it was answered already */
  readonly use: (tx: Transaction) => Promise<boolean>;
}

/** Thrown inside of a transaction to take everything back: the request was answered at the same time. */
class AnsweredMeanwhile extends Error {}

/** A request of which nothing is left: it was answered already, or it has expired. */
export class RequestOver extends Error {}

/**
 * Single sign-on of applications: requests, continuations after a login, and logins that Tenure begins. Each sends the reply; none resolves to it,
 * since a reply is a thenable that resolves to nothing.
 */
export interface SingleSignOn {
  /** Answers an AuthnRequest, or keeps it until its person has proved who they are. @throws LoginRefused */
  begin(received: ReceivedMessage, request: FastifyRequest, reply: FastifyReply): Promise<void>;
  /** Begins a login without a request, where the application allows that. @throws LoginRefused */
  start(application: SamlApplication, request: FastifyRequest, reply: FastifyReply): Promise<void>;
  /** Goes on with a kept request. @throws LoginRefused; RequestOver */
  goOn(application: SamlApplication, id: string, request: FastifyRequest, reply: FastifyReply): Promise<void>;
}

export function createSingleSignOn(dependencies: SamlIdpDependencies): SingleSignOn {
  const { store, engine, configuration, clock, readSession, applications, keyring } = dependencies;
  const identityProvider = identityProviderAt(configuration.url);
  const at = { keyring, identityProvider };

  /** Keeps a request for the browser that brought it, and sends the browser to its continuation. */
  const keep = async (
    { application, messageId, demands }: Pick<Waiting, 'application' | 'messageId' | 'demands'>,
    isNew: (tx: Transaction) => Promise<boolean>,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> => {
    const { name } = application.settings;
    const [id, secret, now] = [newRequestId(), newBrowserSecret(), clock()];
    const expiresAt = new Date(Date.parse(now) + REQUEST_LIFETIME).toISOString();
    const begun = begunEntries(request, configuration.url);
    const waiting = { id, application: name, messageId, browserHash: hashToken(secret), demands: { ...demands }, createdAt: now, expiresAt };
    const kept = await store.transaction(systemContext(request, now), (tx) => keepRequest(tx, waiting, isNew));
    if (kept !== null) setBegunEntries(reply, configuration.url, [{ id, secret }, ...begun]);
    void reply.redirect(continuation(name, kept ?? (await begunBefore(name, messageId, request))), 303);
  };

  /** Id of the request that this browser has begun with the same message, by a back button or a second tab. */
  const begunBefore = async (name: string, messageId: string | null, request: FastifyRequest): Promise<string> => {
    const begun = begunEntries(request, configuration.url);
    const known = await store.read((tx) => tx.applicationRequests.look(begun.map(({ id }) => id)));
    const same = known.find((one) => one.application === name && one.messageId === messageId && isBrowsers(one, request));
    if (same === undefined) throw new LoginRefused('message-replayed', 'the message was received before');
    return same.id;
  };

  const isBrowsers = ({ id, browserHash }: Pick<ApplicationRequest, 'id' | 'browserHash'>, request: FastifyRequest): boolean => {
    const begun = begunEntries(request, configuration.url).find((one) => one.id === id);
    return begun !== undefined && hashToken(begun.secret) === browserHash;
  };

  const refuse = async (waiting: Waiting, status: Exclude<StatusCode, 'success'>, reply: FastifyReply): Promise<void> => {
    const { application, demands, messageId } = waiting;
    const now = clock();
    const metadata = await application.metadata.current(now);
    const base = await responseBase(at, { application: metadata, acsUrl: demands.acsUrl, inResponseTo: messageId, now });
    send(waiting, writeRefusal(base, status), reply);
  };

  const send = ({ application, demands: { acsUrl, relayState } }: Waiting, xml: string, reply: FastifyReply): void =>
    void sendPostPage(reply, { url: acsUrl, field: 'SAMLResponse', xml, relayState, title: application.settings.title });

  /** Answers a request by the session of the browser. @returns false when that session has ended meanwhile: nothing was answered */
  const answer = async (waiting: Waiting, session: RequestSession, request: FastifyRequest, reply: FastifyReply): Promise<boolean> => {
    const { application, demands, messageId, use } = waiting;
    const { settings } = application;
    const now = clock();
    const metadata = await application.metadata.current(now);
    // The address was registered when the request came; it has to be so still.
    if (!metadata.assertionConsumers.some(({ url }) => url === demands.acsUrl))
      throw new LoginRefused('wrong-recipient', 'the address of the response is registered no longer');
    const { id: sessionId, identityId, expiresAt } = session.session;
    const context: ActContext = { actor: { kind: 'person', id: identityId }, correlationId: request.id, now };
    const details = {
      entityId: metadata.entityId,
      nameIdFormat: nameIdFormatOf(settings),
      ...(settings.subject === 'email' ? {} : { nameQualifier: identityProvider.entityId, spNameQualifier: metadata.entityId }),
    };
    const outcome = await store
      .transaction(context, async (tx): Promise<Entry | Exclude<StatusCode, 'success'>> => {
        const status = await nameProblem(tx, waiting, identityId);
        const entry =
          status ?? (await enterApplication(tx, engine, { application: settings.name, identityId, session: { id: sessionId, expiresAt }, details }));
        const isOver = typeof entry !== 'string' && !entry.mayEnter && entry.reason === 'session-ended';
        if (!isOver && !(await use(tx))) throw new AnsweredMeanwhile();
        return entry;
      })
      .catch((error: unknown) => {
        if (error instanceof AnsweredMeanwhile) return 'answered' as const;
        throw error;
      });
    if (outcome === 'answered') throw messageId === null ? new RequestOver() : new LoginRefused('message-replayed', 'the message was answered before');
    if (typeof outcome === 'string') await refuse(waiting, outcome, reply);
    else if (outcome.mayEnter) {
      const base = await responseBase(at, { application: metadata, acsUrl: demands.acsUrl, inResponseTo: messageId, now });
      send(waiting, entryResponse(base, settings, { entry: outcome, session: session.session, demand: demands.context }), reply);
    } else if (outcome.reason === 'session-ended') return false;
    // Nothing may be shown to the person: the application hears it instead.
    else if (demands.isPassive) await refuse(waiting, 'request-denied', reply);
    else {
      const refused = { application: settings.name, identityId, reason: outcome.reason, reference: request.id, sessionToken: session.token };
      void sendPage(reply, 403, await entryRefusalPage(dependencies, refused));
    }
    return true;
  };

  /** Status for an application that expects another person, or one whom it knows already; `null`: it does not. */
  const nameProblem = async (
    tx: Transaction,
    { application: { settings }, demands }: Waiting,
    identityId: string,
  ): Promise<'unknown-principal' | 'invalid-name-id-policy' | null> => {
    const { name, subject } = settings;
    if (demands.subject !== null) {
      const email = subject === 'email' ? (await tx.identities.get(identityId))?.attributes['email']?.value : undefined;
      const isExpected = subject === 'email' ? email === demands.subject : (await tx.applicationPeople.withSubject(name, demands.subject)) === identityId;
      if (!isExpected) return 'unknown-principal';
    }
    if (demands.allowCreate || subject === 'email') return null;
    return (await tx.applicationPeople.usesOf([identityId])).some(({ application }) => application === name) ? null : 'invalid-name-id-policy';
  };

  const stepOf = (waiting: Waiting, session: RequestSession | null): ReturnType<typeof nextStep> =>
    nextStep({ ...waiting, nameIdFormat: nameIdFormatOf(waiting.application.settings), session: session?.session ?? null });

  return {
    async begin(received, request, reply) {
      const now = clock();
      const application = await samlApplicationOf(applications, received, now);
      const asked = await readWithFreshMetadata(application, now, (metadata) =>
        readAuthnRequest(received, { application: metadata, destination: identityProvider.ssoUrl, clockSkew: CLOCK_SKEW, now }),
      );
      const { id: messageId, refusedAs, staleAt, acsUrl, forceAuthn, isPassive, context, nameIdFormat, allowCreate, subject } = asked;
      const demands = { acsUrl, relayState: received.relayState, forceAuthn, isPassive, context, nameIdFormat, allowCreate, subject };
      const issuer = (await application.metadata.current(now)).entityId;
      const use = (tx: Transaction): Promise<boolean> => tx.sessions.consumeAssertion(issuer, messageId, staleAt);
      const waiting: Waiting = { application, messageId, demands, receivedAt: now, asked: 0, use };
      if (refusedAs !== null && refusedAs !== 'success') return refuse(waiting, refusedAs, reply);
      // A form of another site comes without our cookie; the continuation has it.
      const session = received.binding === 'redirect' ? await readSession(request) : null;
      const step = stepOf(waiting, session);
      if (step.kind === 'refuse') return refuse(waiting, step.status, reply);
      const isAnswered = step.kind === 'enter' && session !== null && (await answer(waiting, session, request, reply));
      if (!isAnswered) await keep(waiting, use, request, reply);
    },

    async start(application, request, reply) {
      if (!application.settings.allowIdpInitiated) throw new LoginRefused('idp-initiated', 'the application does not allow logins that Tenure begins');
      const { url: acsUrl } = defaultConsumer(await application.metadata.current(clock()));
      const demands = { acsUrl, relayState: null, forceAuthn: false, isPassive: false, context: null, nameIdFormat: null, allowCreate: true, subject: null };
      return keep({ application, messageId: null, demands }, async () => true, request, reply);
    },

    async goOn(application, id, request, reply) {
      const now = clock();
      const [kept] = await store.read((tx) => tx.applicationRequests.look([id]));
      if (kept === undefined || kept.application !== application.settings.name || kept.expiresAt <= now) throw new RequestOver();
      if (!isBrowsers(kept, request)) throw new LoginRefused('request-of-another-browser', 'this browser has not begun the login');
      const waiting: Waiting = {
        application,
        messageId: kept.messageId,
        demands: kept.demands as unknown as EntryDemands,
        receivedAt: kept.createdAt,
        asked: kept.asked,
        use: (tx) => tx.applicationRequests.take(id),
      };
      const session = await readSession(request);
      const step = stepOf(waiting, session);
      if (step.kind !== 'login') {
        if (step.kind === 'refuse') {
          if (!(await store.transaction(systemContext(request, now), (tx) => tx.applicationRequests.take(id)))) throw new RequestOver();
          return refuse(waiting, step.status, reply);
        }
        if (session !== null && (await answer(waiting, session, request, reply))) return;
      }
      await store.transaction(systemContext(request, now), (tx) => tx.applicationRequests.noteAsked(id));
      const { name } = application.settings;
      const parameters = step.kind === 'login' ? step.parameters : {};
      void reply.redirect(`/login?${new URLSearchParams({ returnTo: continuation(name, id), application: name, ...parameters })}`, 303);
    },
  };
}

/** Place to which a login returns. */
function continuation(application: string, id: string): string {
  return `/idp/saml/continue/${encodeURIComponent(application)}/${id}`;
}

function systemContext({ id }: FastifyRequest, now: Instant): ActContext {
  return { actor: { kind: 'system', id: 'saml' }, correlationId: id, now };
}
