import type { SamlApplicationSettings } from '@tenure/config';
import { LoginRefused, toInstant } from '@tenure/domain';
import {
  EMAIL_FORMAT,
  type LogoutResponse,
  logoutRequest,
  newRequestId,
  PERSISTENT_FORMAT,
  readLogoutResponse,
  receiveSoap,
  signElement,
  soapEnvelope,
} from '@tenure/federation';
import type { NameId } from '@tenure/federation';
import { providerFetch, ProviderUnreachable } from '@tenure/outbound';
import type { LogoutNotice } from '@tenure/store';
import type { SamlApplications } from '../applications/index.ts';
import type { Keyring } from '../keys/index.ts';
import { askedPause } from '../notifications/answer-of-webhook.ts';
import type { LogoutAnswer } from './logout-answer.ts';

/** Settings of the SAML identity provider that requests of logout need. */
export interface SamlNotifier {
  readonly entityId: string;
  /** Address of Tenure for single logout by SOAP: the destination of answers that name one. */
  readonly soapUrl: string;
  readonly applications: SamlApplications;
  readonly keyring: Keyring;
  /** Milliseconds for one attempt. */
  readonly patience: number;
}

/** Milliseconds for which a request is valid, and by which clocks may differ. */
const LIFETIME = 5 * 60_000;
const CLOCK_SKEW = 3 * 60_000;
/** Bytes of an answer. */
const LIMIT = 65_536;

/** Sends a LogoutRequest about a session to its application by SOAP (SAML profiles 4.4, bindings 3.2), where its metadata offers that. */
export async function notifySaml(
  { entityId, soapUrl, applications, keyring, patience }: SamlNotifier,
  settings: SamlApplicationSettings,
  notice: LogoutNotice,
  now: Date,
): Promise<LogoutAnswer> {
  const instant = now.toISOString();
  const metadata = await applications.byName.get(settings.name)?.metadata.current(instant).catch(unlessRefused);
  if (metadata == null) return { outcome: 'unavailable', code: 'NO_METADATA' };
  const destination = metadata.logout.soap;
  if (destination === null) return { outcome: 'no-channel', code: 'NO_SOAP_LOGOUT' };
  const { privateKey, certificate } = await keyring.signing('saml');
  const id = newRequestId();
  const request = logoutRequest({
    id,
    issuer: entityId,
    destination,
    nameId: nameIdOf(notice, settings),
    sessionIndex: notice.sessionIndex,
    notOnOrAfter: toInstant(now.getTime() + LIFETIME),
    now: instant,
  });
  try {
    const answer = await providerFetch(destination, {
      method: 'POST',
      headers: { 'content-type': 'text/xml; charset=utf-8', soapaction: '"http://www.oasis-open.org/committees/security"' },
      body: soapEnvelope(signElement(request, { element: 'LogoutRequest', privateKey, certificate })),
      timeout: patience,
      limit: LIMIT,
      ...(/^https?:/i.test(settings.metadata) ? { home: settings.metadata } : {}),
    });
    if (answer.status !== 200) {
      const asked = askedPause(answer.headers.get('retry-after'), now);
      return { outcome: 'unavailable', code: `HTTP_${answer.status}`, ...(asked === null ? {} : { retryAfter: asked }) };
    }
    const received = receiveSoap(await answer.text());
    const response = readLogoutResponse(received, { sender: metadata, destination: soapUrl, clockSkew: CLOCK_SKEW, now: instant });
    return response.inResponseTo === id ? answerOf(response) : { outcome: 'unavailable', code: 'ANSWER_IN_RESPONSE_TO_MISMATCH' };
  } catch (error) {
    if (error instanceof ProviderUnreachable) return { outcome: 'unavailable', code: error.reason };
    // An answer that nobody can rely on is none.
    if (error instanceof LoginRefused) return { outcome: 'unavailable', code: `ANSWER_${error.reason.toUpperCase().replaceAll('-', '_')}` };
    throw error;
  }
}

/**
 * Result of a verified answer. `PartialLogout`: the application ended its session, and could not reach others behind it. `UnknownPrincipal`: it has no
 * session of the person.
 */
function answerOf({ status }: LogoutResponse): LogoutAnswer {
  const [top = 'unknown', second] = status;
  const code = second ?? top;
  const isOver = (top === 'Success' && (second === undefined || second === 'PartialLogout')) || second === 'UnknownPrincipal';
  return isOver ? { outcome: 'confirmed', code } : { outcome: 'refused', code: second === undefined ? top : `${top}_${second}` };
}

/** Name of the person as the assertion had it: format and qualifiers are facts of the session. */
function nameIdOf({ subject, details }: LogoutNotice, { subject: kind }: Pick<SamlApplicationSettings, 'subject'>): NameId {
  const text = (name: string): string | null => (typeof details[name] === 'string' ? details[name] : null);
  return {
    value: subject ?? '',
    format: text('nameIdFormat') ?? (kind === 'email' ? EMAIL_FORMAT : PERSISTENT_FORMAT),
    nameQualifier: text('nameQualifier'),
    spNameQualifier: text('spNameQualifier'),
  };
}

function unlessRefused(error: unknown): null {
  if (error instanceof LoginRefused) return null;
  throw error;
}
