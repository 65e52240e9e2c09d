import { describe, expect, test } from '@jest/globals';
import type { LoginCheck, LoginRefused } from '@tenure/domain';
import { parseXml } from '../parse-xml.ts';
import type { SamlRefusal } from '../refusal.ts';
import { SAML_CHECKS } from './index.ts';
import type { SentResponse, SignedAssertion } from './signed-message.ts';

const expected = {
  entityId: 'https://idp.example/metadata',
  audience: 'https://tenure.example/saml/contoso/metadata',
  recipient: 'https://tenure.example/saml/contoso/acs',
  inResponseTo: '_request',
  clockSkew: 30_000,
  now: '2026-03-01T12:00:00.000Z',
};
const [EARLIER, LATER] = ['2026-03-01T11:55:00Z', '2026-03-01T12:05:00Z'];
const confirmation = (attributes = `Recipient="${expected.recipient}" InResponseTo="_request" NotOnOrAfter="${LATER}"`) =>
  `<SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><SubjectConfirmationData ${attributes}/></SubjectConfirmation>`;
const name = (text = 'ada', format = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent') => `<NameID Format="${format}">${text}</NameID>`;
const audience = (uri = expected.audience) => `<AudienceRestriction><Audience>${uri}</Audience></AudienceRestriction>`;
const conditions = (content = audience(), attributes = `NotBefore="${EARLIER}" NotOnOrAfter="${LATER}"`) => `<Conditions ${attributes}>${content}</Conditions>`;
const issuer = `<Issuer>${expected.entityId}</Issuer>`;
const subject = (content = name() + confirmation()) => `<Subject>${content}</Subject>`;
const statement = (attributes = '') => `<AuthnStatement ${attributes}/>`;
const assertion = (content: string, version = '2.0'): SignedAssertion => ({
  assertion: parseXml(`<Assertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion" ID="_a" Version="${version}">${content}</Assertion>`),
  expected,
});
const response = (attributes: string, content = ''): SentResponse => ({
  response: parseXml(
    `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns="urn:oasis:names:tc:SAML:2.0:assertion" ${attributes}>${content}</samlp:Response>`,
  ),
  expected,
});

interface Case<Message> {
  readonly yes: readonly Message[];
  readonly no: readonly (readonly [message: Message, reason: SamlRefusal])[];
}
const only = (xml: string): SignedAssertion => assertion(xml);

const ASSERTIONS: Readonly<Record<string, Case<SignedAssertion>>> = {
  versionIs2: { yes: [assertion('')], no: [[assertion('', '1.1'), 'malformed']] },
  issuerIsProvider: {
    yes: [only(issuer)],
    no: [
      [only(''), 'wrong-issuer'],
      [only(issuer + issuer), 'wrong-issuer'],
      [only('<Issuer>https://evil.example</Issuer>'), 'wrong-issuer'],
      [only(`<Issuer Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">${expected.entityId}</Issuer>`), 'wrong-issuer'],
    ],
  },
  conditionsAreInTime: {
    yes: [only(conditions()), only(conditions('', `NotOnOrAfter="${LATER}"`)), only(conditions('', 'NotOnOrAfter="2026-03-01T11:59:40Z"'))],
    no: [
      [only(''), 'wrong-audience'],
      [only(conditions() + conditions()), 'malformed'],
      [only(conditions('', '')), 'malformed'],
      [only(conditions('', `NotOnOrAfter="${EARLIER}"`)), 'assertion-expired'],
      [only(conditions('', `NotBefore="${LATER}" NotOnOrAfter="${LATER}"`)), 'assertion-not-yet-valid'],
    ],
  },
  conditionsAreKnown: {
    yes: [only(conditions(`${audience()}<OneTimeUse/><ProxyRestriction/>`))],
    no: [[only(conditions('<Condition/>')), 'condition-unknown']],
  },
  audienceIsOurs: {
    yes: [only(conditions()), only(conditions(`<AudienceRestriction><Audience>x</Audience><Audience>${expected.audience}</Audience></AudienceRestriction>`))],
    no: [
      [only(conditions('')), 'wrong-audience'],
      [only(conditions(audience('https://other.example'))), 'wrong-audience'],
      [only(conditions(audience(` ${expected.audience}`))), 'wrong-audience'],
      [only(conditions(audience() + audience('https://other.example'))), 'wrong-audience'],
    ],
  },
  subjectIsOne: {
    yes: [only(subject())],
    no: [
      [only(''), 'subject-missing'],
      [only(subject() + subject()), 'subject-missing'],
    ],
  },
  subjectIsConfirmed: {
    yes: [only(subject()), only(subject(confirmation('Recipient="x"') + confirmation()))],
    no: [
      [only(subject(name())), 'subject-confirmation-missing'],
      [only(subject('<SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"/>')), 'subject-confirmation-missing'],
      [only(subject(confirmation().replace('cm:bearer', 'cm:holder-of-key'))), 'subject-confirmation-missing'],
      [only(subject(confirmation(`Recipient="${expected.recipient}" InResponseTo="_request"`))), 'subject-confirmation-missing'],
      [only(subject(confirmation(`Recipient="https://other.example" InResponseTo="_request" NotOnOrAfter="${LATER}"`))), 'wrong-recipient'],
      [only(subject(confirmation(`Recipient="${expected.recipient}" NotOnOrAfter="${LATER}"`))), 'in-response-to-mismatch'],
      [only(subject(confirmation(`Recipient="${expected.recipient}" InResponseTo="_request" NotOnOrAfter="${EARLIER}"`))), 'assertion-expired'],
      [only(subject(confirmation(`Recipient="${expected.recipient}" InResponseTo="_request" NotOnOrAfter="soon"`))), 'malformed'],
    ],
  },
  authenticationIsStated: { yes: [only(statement())], no: [[only(''), 'malformed']] },
  providerSessionGoesOn: {
    yes: [only(statement()), only(statement(`SessionNotOnOrAfter="${LATER}"`))],
    no: [[only(statement() + statement(`SessionNotOnOrAfter="${EARLIER}"`)), 'session-expired']],
  },
  nameIsOne: {
    yes: [only(subject())],
    no: [
      [only(subject('<EncryptedID/>')), 'encrypted-unsupported'],
      [only(subject(confirmation())), 'subject-missing'],
      [only(subject(name() + name('eve'))), 'subject-missing'],
      [only(subject(name(' '))), 'subject-missing'],
    ],
  },
  nameIsLasting: {
    yes: [only(subject()), only(subject('<NameID>ada</NameID>'))],
    no: [[only(subject(name('x', ' urn:oasis:names:tc:SAML:2.0:nameid-format:transient '))), 'transient-name-id']],
  },
};

const RESPONSES: Readonly<Record<string, Case<SentResponse>>> = {
  responseIsOfProvider: { yes: [response(''), response('', issuer)], no: [[response('', '<Issuer>https://evil.example</Issuer>'), 'wrong-issuer']] },
  responseIsForUs: {
    yes: [response(''), response(`Destination="${expected.recipient}"`)],
    no: [[response('Destination="https://other.example"'), 'wrong-destination']],
  },
  responseAnswersRequest: {
    yes: [response('InResponseTo="_request"')],
    no: [
      [response(''), 'in-response-to-mismatch'],
      [response('InResponseTo="_other"'), 'in-response-to-mismatch'],
    ],
  },
};

describe.each([
  ['the response', SAML_CHECKS.response as readonly LoginCheck<never>[], RESPONSES as Readonly<Record<string, Case<never>>>],
  ['the assertion', SAML_CHECKS.assertion as readonly LoginCheck<never>[], ASSERTIONS as Readonly<Record<string, Case<never>>>],
])('SAML profiles 4.1.4.3: checks of %s', (_, checks, cases) => {
  test.each(checks.map((check) => [check.name, check] as const))('%s', (check, says) => {
    const { yes, no } = cases[check] ?? { yes: [], no: [] };
    expect(yes.map(says)).toEqual(yes.map(() => null));
    expect(no.map(([message]) => reasonOf(says, message))).toEqual(no.map(([, reason]) => reason));
  });

  test('all have a yes and a no here', () => {
    expect(checks.map(({ name: check }) => check).sort()).toEqual(Object.keys(cases).sort());
    for (const { yes, no } of Object.values(cases)) expect([yes.length > 0, no.length > 0]).toEqual([true, true]);
  });
});

/** Reason of the refusal, by a check or because the answer cannot be read. */
function reasonOf(says: LoginCheck<never>, message: never): string | undefined {
  try {
    return says(message)?.reason;
  } catch (error) {
    return (error as LoginRefused).reason;
  }
}
