import type { ApplicationSettings } from '@tenure/config';
import { type Instant, LoginRefused } from '@tenure/domain';
import { type ApplicationLogoutOutcome, logOutAtApplication, type SamlApplication } from '@tenure/engine/applications';
import {
  type LogoutRequest,
  logoutResponse,
  type LogoutStatus,
  type NameId,
  newRequestId,
  type ReceivedMessage,
  readLogoutRequest,
  redirectQuery,
  redirectUrl,
  type SamlApplicationMetadata,
  signElement,
  signRedirect,
  soapEnvelope,
  identityProviderAt,
} from '@tenure/federation';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { html } from '../../pages/html.ts';
import { sendPage } from '../../pages/me/routes.ts';
import { page } from '../../pages/page.ts';
import { CLOCK_SKEW } from './clock-skew.ts';
import { nameIdOf } from './answer-entry.ts';
import { sendPostPage } from './post-page.ts';
import { readWithFreshMetadata, samlApplicationOf } from './saml-application-of.ts';
import type { SamlIdpDependencies } from './single-sign-on.ts';

/** A LogoutRequest that was carried out, or refused for a reason that its sender learns. */
interface AnsweredLogout {
  readonly application: SamlApplication;
  readonly metadata: SamlApplicationMetadata;
  readonly logout: LogoutRequest;
  readonly status: LogoutStatus;
  /** Titles of applications whose sessions go on. */
  readonly notNotified: readonly string[];
}

/** Single logout that applications ask for. */
export interface SingleLogout {
  /** Carries out a LogoutRequest that a browser brought, and sends the browser back with the answer. @throws LoginRefused */
  byBrowser(received: ReceivedMessage, request: FastifyRequest, reply: FastifyReply): Promise<void>;
  /** Carries out a LogoutRequest by SOAP. @throws LoginRefused */
  bySoap(received: ReceivedMessage, request: FastifyRequest, reply: FastifyReply): Promise<void>;
}

export function createSingleLogout({ store, configuration, clock, applications, keyring }: SamlIdpDependencies): SingleLogout {
  const { entityId: issuer, sloUrl, soapUrl } = identityProviderAt(configuration.url);

  const carryOut = async (received: ReceivedMessage, destination: string, request: FastifyRequest): Promise<AnsweredLogout> => {
    const now = clock();
    const application = await samlApplicationOf(applications, received, now);
    const logout = await readWithFreshMetadata(application, now, (metadata) =>
      readLogoutRequest(received, { sender: metadata, destination, clockSkew: CLOCK_SKEW, now }),
    );
    const metadata = await application.metadata.current(now);
    const { settings } = application;
    const { name, title } = settings;
    const isNamed = isSameName(logout.nameId, nameIdOf(settings, logout.nameId.value, issuer, metadata.entityId));
    const context = { actor: { kind: 'source', id: name }, correlationId: request.id, now } as const;
    const outcome = await store.transaction(context, async (tx): Promise<ApplicationLogoutOutcome> => {
      if (!(await tx.sessions.consumeAssertion(logout.issuer, logout.id, logout.staleAt)))
        throw new LoginRefused('message-replayed', 'the LogoutRequest was received before');
      if (!isNamed) return { kind: 'unknown' };
      const { value: subject } = logout.nameId;
      return logOutAtApplication(tx, {
        application: name,
        subject,
        sessionIndexes: logout.sessionIndexes,
        canBeNotified: (other) => canBeNotified(configuration.applications[other], now),
      });
    });
    if (outcome.kind === 'unknown') return { application, metadata, logout, status: 'unknown-principal', notNotified: [] };
    const notNotified = outcome.notNotified.map((other) => configuration.applications[other]?.title ?? other).filter((other) => other !== title);
    return { application, metadata, logout, status: outcome.notNotified.length === 0 ? 'success' : 'partial', notNotified };
  };

  /** True if an application is told of ends without the browser: durably, by SOAP or back-channel logout. */
  const canBeNotified = (settings: ApplicationSettings | undefined, now: Instant): boolean => {
    if (settings === undefined) return false;
    if (settings.protocol === 'oidc') return settings.backchannelLogoutUri !== null;
    const metadata = applications.byName.get(settings.name)?.metadata.known(now) ?? null;
    return metadata !== null && metadata.logout.soap !== null;
  };

  const answerTo = ({ logout, status }: AnsweredLogout, destination: string | null): string =>
    logoutResponse({ id: newRequestId(), issuer, destination, inResponseTo: logout.id, status, now: clock() });

  return {
    async byBrowser(received, request, reply) {
      const answered = await carryOut(received, sloUrl, request);
      const { metadata, application, status, notNotified } = answered;
      const { relayState } = received;
      const { privateKey, certificate } = await keyring.signing('saml');
      const { redirect, post } = metadata.logout;
      const isPost = redirect === null || (received.binding === 'post' && post !== null);
      if (!isPost) {
        const query = redirectQuery('SAMLResponse', answerTo(answered, redirect.responseUrl), relayState);
        void reply.redirect(redirectUrl(redirect.responseUrl, signRedirect(query, privateKey)), 303);
        return;
      }
      if (post === null) {
        void sendPage(reply, 200, loggedOutPage(application.settings.title, status, notNotified));
        return;
      }
      const xml = signElement(answerTo(answered, post.responseUrl), { element: 'LogoutResponse', privateKey, certificate });
      void sendPostPage(reply, { url: post.responseUrl, field: 'SAMLResponse', xml, relayState, title: application.settings.title });
    },

    async bySoap(received, request, reply) {
      const answered = await carryOut(received, soapUrl, request);
      const { privateKey, certificate } = await keyring.signing('saml');
      const xml = signElement(answerTo(answered, null), { element: 'LogoutResponse', privateKey, certificate });
      void reply.code(200).type('text/xml; charset=utf-8').send(soapEnvelope(xml));
    },
  };
}

/** True if a name is the one that the application received; qualifiers that it left out are not compared, and neither is a format that it left out. */
function isSameName(given: NameId, own: NameId): boolean {
  return (['format', 'nameQualifier', 'spNameQualifier'] as const).every((part) => given[part] === null || given[part] === own[part]);
}

function loggedOutPage(title: string, status: LogoutStatus, notNotified: readonly string[]): string {
  if (status === 'unknown-principal')
    return page(
      'Not logged out',
      html`<header><h1>Not logged out</h1></header><p>${title} named a session that is not known here. Log out on your own page.</p><p><a class="button" href="/me">Your page</a></p>`,
    );
  const left =
    notNotified.length === 0
      ? null
      : html`<p>These applications cannot be notified; your sessions there end by themselves, or when you log out there:</p><ul>${notNotified.map((one) => html`<li>${one}</li>`)}</ul>`;
  return page('Logged out', html`<header><h1>Logged out</h1></header><p>You are logged out of ${title} and of Tenure.</p>${left}`);
}
