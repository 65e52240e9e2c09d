import type { Instant } from '@tenure/domain';
import { ASSERTION, POST_BINDING, PROTOCOL, UNSPECIFIED_FORMAT } from '../namespaces.ts';
import { attributeOf, elementsOf, textOf, type XmlElement } from '../parse-xml.ts';
import type { ReceivedMessage } from '../received-message.ts';
import { refuse } from '../refusal.ts';
import { verifyMessage } from '../verify-message.ts';
import { type AssertionConsumer, defaultConsumer, type SamlApplicationMetadata } from './application-metadata.ts';
import type { ContextDemand } from './satisfies-context.ts';
import type { StatusCode } from './write-response.ts';

/** A verified request of an application for a login. */
export interface ReadAuthnRequest {
  readonly id: string;
  /** Address of the response: from the application's metadata alone. */
  readonly acsUrl: string;
  /** True: the person must prove anew who they are. */
  readonly forceAuthn: boolean;
  /** True: nothing may be shown to the person. */
  readonly isPassive: boolean;
  /** `null`: any authentication will do. */
  readonly context: ContextDemand | null;
  /** NameID format that it demands; `null`: any. */
  readonly nameIdFormat: string | null;
  /** False: only a person who has a name there already. */
  readonly allowCreate: boolean;
  /** Person whom the application believes to be there (NameID); `null`: it says nothing of that. */
  readonly subject: string | null;
  /** Status that answers the request whoever is there; `null`: it can be fulfilled. */
  readonly refusedAs: StatusCode | null;
  /** Instant until which the caller stores the id, so that the request counts once. */
  readonly staleAt: Instant;
}

export interface ExpectedRequest {
  readonly application: SamlApplicationMetadata;
  readonly destination: string;
  readonly clockSkew: number;
  readonly now: Instant;
}

/** Bounds of a request. */
const MOST_CONTEXTS = 20;

/**
 * Verifies an AuthnRequest (SAML core 3.4.1, profiles 4.1.4.1): signed where the application's metadata says so, for this address, in time, and for an
 * address of responses that the metadata has.
 * @throws LoginRefused where there is nowhere that an answer may go to
 */
export function readAuthnRequest(received: ReceivedMessage, { application, ...expected }: ExpectedRequest): ReadAuthnRequest {
  const { message, id, staleAt } = verifyMessage(received, {
    ...expected,
    name: 'AuthnRequest',
    sender: application,
    mustBeSigned: application.authnRequestsSigned,
  });
  const [policy] = elementsOf(message, PROTOCOL, 'NameIDPolicy');
  const format = policy === undefined ? null : attributeOf(policy, 'Format');
  const qualifier = policy === undefined ? null : attributeOf(policy, 'SPNameQualifier');
  const context = contextOf(message);
  const binding = attributeOf(message, 'ProtocolBinding');
  return {
    id,
    acsUrl: consumerOf(message, application).url,
    forceAuthn: isTrue(message, 'ForceAuthn'),
    isPassive: isTrue(message, 'IsPassive'),
    context: context === 'unsupported' ? null : context,
    nameIdFormat: format === null || format === UNSPECIFIED_FORMAT ? null : format,
    allowCreate: policy === undefined || !isFalse(policy, 'AllowCreate'),
    subject: subjectOf(message),
    refusedAs: refusalOf(message, { binding, qualifier, context, application }),
    staleAt,
  };
}

function refusalOf(
  message: XmlElement,
  of: { binding: string | null; qualifier: string | null; context: ReturnType<typeof contextOf>; application: SamlApplicationMetadata },
): StatusCode | null {
  if (of.binding !== null && of.binding !== POST_BINDING) return 'unsupported-binding';
  if (of.context === 'unsupported') return 'no-authn-context';
  if (of.qualifier !== null && of.qualifier !== of.application.entityId) return 'invalid-name-id-policy';
  // Conditions, and subjects of another kind than a name, would have to be fulfilled to the letter (SAML core 3.4.1).
  const isOther = elementsOf(message, ASSERTION, 'Subject').length > 0 && subjectOf(message) === null;
  return isOther || elementsOf(message, ASSERTION, 'Conditions').length > 0 ? 'request-unsupported' : null;
}

/** Address of the response that a request chooses: one of those in the metadata, by index or exactly as written there. */
function consumerOf(message: XmlElement, application: SamlApplicationMetadata): AssertionConsumer {
  const [url, index] = [attributeOf(message, 'AssertionConsumerServiceURL'), attributeOf(message, 'AssertionConsumerServiceIndex')];
  if (url === null && index === null) return defaultConsumer(application);
  const matches = ({ url: registered, index: number }: AssertionConsumer): boolean => (url === null ? String(number) === index : registered === url);
  const found = url !== null && index !== null ? undefined : application.assertionConsumers.find(matches);
  if (found === undefined) throw refuse('wrong-recipient', "the request wants its response at an address that is not in the application's metadata");
  return found;
}

function contextOf(message: XmlElement): ContextDemand | 'unsupported' | null {
  const [requested] = elementsOf(message, PROTOCOL, 'RequestedAuthnContext');
  if (requested === undefined) return null;
  const classes = elementsOf(requested, ASSERTION, 'AuthnContextClassRef').map((reference) => textOf(reference).trim());
  const comparison = attributeOf(requested, 'Comparison') ?? 'exact';
  if (classes.length === 0 || classes.length > MOST_CONTEXTS) return 'unsupported';
  return { classes, comparison: comparison as ContextDemand['comparison'] };
}

function subjectOf(message: XmlElement): string | null {
  const [subject] = elementsOf(message, ASSERTION, 'Subject');
  const [name] = subject === undefined ? [] : elementsOf(subject, ASSERTION, 'NameID');
  return name === undefined ? null : textOf(name).trim();
}

function isTrue(element: XmlElement, name: string): boolean {
  return /^\s*(true|1)\s*$/.test(attributeOf(element, name) ?? '');
}
function isFalse(element: XmlElement, name: string): boolean {
  return /^\s*(false|0)\s*$/.test(attributeOf(element, name) ?? '');
}
