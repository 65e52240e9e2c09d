import type { Instant } from '@tenure/domain';
import { ASSERTION, BEARER, ENTITY_FORMAT } from './namespaces.ts';
import { attributeOf, elementsOf, textOf, type XmlElement } from './parse-xml.ts';
import { readInstant } from './read-instant.ts';
import { refuse } from './refusal.ts';

/** What a signed assertion is held against. */
export interface Expectations {
  readonly entityId: string;
  readonly audience: string;
  readonly recipient: string;
  /** `null`: nothing was asked, so the assertion must not answer anything. */
  readonly inResponseTo: string | null;
  /** Milliseconds. */
  readonly clockSkew: number;
  readonly now: Instant;
}

/** SAML core 2.3.3 and 2.2.5. */
export function checkIssuer(assertion: XmlElement, { entityId }: Expectations): void {
  if (attributeOf(assertion, 'Version') !== '2.0') throw refuse('malformed', 'the assertion is not of SAML 2.0');
  const issuers = elementsOf(assertion, ASSERTION, 'Issuer');
  const [issuer] = issuers;
  if (issuer === undefined || issuers.length > 1) throw refuse('wrong-issuer', 'the assertion does not name one issuer');
  const format = attributeOf(issuer, 'Format') ?? ENTITY_FORMAT;
  if (format !== ENTITY_FORMAT || textOf(issuer) !== entityId) throw refuse('wrong-issuer', 'the assertion is from another issuer');
}

/**
 * Time window and audience (SAML core 2.5.1, profiles 4.1.4.3).
 * @returns the end of the window, which has to be there: SAML leaves that open, providers do not
 */
export function checkConditions(assertion: XmlElement, expected: Expectations): Instant {
  const all = elementsOf(assertion, ASSERTION, 'Conditions');
  const [conditions] = all;
  if (all.length > 1) throw refuse('malformed', 'the assertion has several Conditions');
  if (conditions === undefined) throw refuse('wrong-audience', 'the assertion is for no named audience');
  const notOnOrAfter = checkWindow(conditions, expected);
  if (notOnOrAfter === null) throw refuse('malformed', 'the conditions have no end');
  for (const condition of elementsOf(conditions)) {
    const known = condition.namespace === ASSERTION && ['AudienceRestriction', 'OneTimeUse', 'ProxyRestriction'].includes(condition.name);
    if (!known) throw refuse('condition-unknown', 'the assertion has a condition that cannot be judged');
  }
  checkAudience(conditions, expected);
  return notOnOrAfter;
}

/** Several restrictions all have to hold; several audiences in one are alternatives (SAML core 2.5.1.4). */
function checkAudience(conditions: XmlElement, { audience }: Expectations): void {
  const restrictions = elementsOf(conditions, ASSERTION, 'AudienceRestriction');
  const ours = (restriction: XmlElement) => elementsOf(restriction, ASSERTION, 'Audience').some((element) => textOf(element) === audience);
  if (restrictions.length === 0 || !restrictions.every(ours)) throw refuse('wrong-audience', 'the assertion is for another audience');
}

/**
 * At least one bearer confirmation has to hold (SAML profiles 4.1.4.2): for us, in time, answering our request.
 * @returns the latest end of any confirmation: until then the assertion could be presented again
 */
export function checkConfirmation(subject: XmlElement, expected: Expectations): Instant {
  const bearers = elementsOf(subject, ASSERTION, 'SubjectConfirmation').filter((element) => attributeOf(element, 'Method') === BEARER);
  const verdicts = bearers.map((bearer) => confirm(bearer, expected));
  const ends = verdicts.filter((verdict) => typeof verdict === 'string').toSorted();
  const last = ends.at(-1);
  if (last !== undefined) return last;
  const first = verdicts.find((verdict) => typeof verdict !== 'string');
  throw first ?? refuse('subject-confirmation-missing', 'the assertion has no bearer confirmation');
}

function confirm(bearer: XmlElement, expected: Expectations): Instant | ReturnType<typeof refuse> {
  const [data] = elementsOf(bearer, ASSERTION, 'SubjectConfirmationData');
  if (data === undefined) return refuse('subject-confirmation-missing', 'the bearer confirmation says nothing');
  if (attributeOf(data, 'Recipient') !== expected.recipient) return refuse('wrong-recipient', 'the assertion is for another recipient');
  if (attributeOf(data, 'InResponseTo') !== expected.inResponseTo) return refuse('in-response-to-mismatch', 'the assertion answers another request');
  try {
    return checkWindow(data, expected) ?? refuse('subject-confirmation-missing', 'the bearer confirmation has no end');
  } catch (error) {
    return error as ReturnType<typeof refuse>;
  }
}

/**
 * At least one authentication statement (SAML profiles 4.1.4.2), of a session that the provider still holds.
 * @returns what the first statement says of the session, and the earliest end that any says
 */
export function checkAuthentication(
  assertion: XmlElement,
  { now, clockSkew }: Expectations,
): { readonly sessionIndex: string | null; readonly sessionEnd: Instant | null } {
  const statements = elementsOf(assertion, ASSERTION, 'AuthnStatement');
  const [statement] = statements;
  if (statement === undefined) throw refuse('malformed', 'the assertion says nothing of an authentication');
  // Of several sessions the one that ends first bounds ours.
  const [sessionEnd = null] = statements.flatMap((one) => instantOf(one, 'SessionNotOnOrAfter') ?? []).toSorted();
  if (sessionEnd !== null && sessionEnd <= shift(now, -clockSkew)) throw refuse('session-expired', 'the session at the provider has expired');
  return { sessionIndex: attributeOf(statement, 'SessionIndex'), sessionEnd };
}

/** NotBefore is part of the window, NotOnOrAfter is not; both are forgiven the skew. */
function checkWindow(element: XmlElement, { now, clockSkew }: Expectations): Instant | null {
  const notBefore = instantOf(element, 'NotBefore');
  const notOnOrAfter = instantOf(element, 'NotOnOrAfter');
  if (notBefore !== null && notBefore > shift(now, clockSkew)) throw refuse('assertion-not-yet-valid', `the assertion is valid from ${notBefore}`);
  if (notOnOrAfter !== null && notOnOrAfter <= shift(now, -clockSkew)) throw refuse('assertion-expired', `the assertion was valid until ${notOnOrAfter}`);
  return notOnOrAfter;
}

function instantOf(element: XmlElement, name: string): Instant | null {
  const text = attributeOf(element, name);
  if (text === null) return null;
  const instant = readInstant(text);
  if (instant === null) throw refuse('malformed', `${name} is no date and time`);
  return instant;
}

/** An instant some milliseconds later. */
export function shift(instant: Instant, milliseconds: number): Instant {
  return new Date(Date.parse(instant) + milliseconds).toISOString();
}
