import type { SigningKey } from '@tenure/testing/identity-providers/self-signed-certificate.ts';
import type { SignedPart } from './service-provider.ts';
import { KEY, later, NOW, PROVIDER, REQUEST_ID, SERVICE_PROVIDER } from './test-messages.ts';
import { signElement, type TestSignature } from './test-signer.ts';

/** Test data: subject of a message. Values are escaped XML. */
export interface ShapedPerson {
  readonly subject: string;
  readonly department: string;
  readonly groups: readonly string[];
}

/** Form of a provider's responses: prefixes, white space, signed parts and methods. */
export interface ProviderShape {
  readonly title: string;
  readonly unsigned: (person: ShapedPerson) => string;
  readonly signatures: readonly TestSignature[];
  /** Part that it must sign by configuration; the assertion unless set. */
  readonly signed?: SignedPart;
}
/** Message of this form, as the provider posts it. */
export function shapedMessage(
  { unsigned, signatures }: ProviderShape,
  person: ShapedPerson,
  change: (xml: string) => string = (xml) => xml,
  key: SigningKey = KEY,
): string {
  return signatures.reduce((xml, signature) => signElement(xml, key, signature), change(unsigned(person)));
}

const UNTIL = later(7200);
const { entityId: ISSUER } = PROVIDER;
const { entityId: AUDIENCE, acsUrl: ACS } = SERVICE_PROVIDER;
const SUCCESS = 'urn:oasis:names:tc:SAML:2.0:status:Success';
const BEARER = 'urn:oasis:names:tc:SAML:2.0:cm:bearer';
const PASSWORD = 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport';
const PERSISTENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';
const CLAIMS = 'http://schemas.microsoft.com/ws/2008/06/identity/claims';
const BASIC = 'urn:oasis:names:tc:SAML:2.0:attrname-format:basic';
const URI = 'urn:oasis:names:tc:SAML:2.0:attrname-format:uri';

const entra = ({ subject, department, groups }: ShapedPerson): string =>
  `<samlp:Response ID="_response" Version="2.0" IssueInstant="${NOW}" Destination="${ACS}" InResponseTo="${REQUEST_ID}" xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol">` +
  `<Issuer xmlns="urn:oasis:names:tc:SAML:2.0:assertion">${ISSUER}</Issuer><samlp:Status><samlp:StatusCode Value="${SUCCESS}"/></samlp:Status>` +
  `<Assertion ID="_assertion" IssueInstant="${NOW}" Version="2.0" xmlns="urn:oasis:names:tc:SAML:2.0:assertion"><Issuer>${ISSUER}</Issuer>` +
  `<Subject><NameID Format="${PERSISTENT}">${subject}</NameID><SubjectConfirmation Method="${BEARER}"><SubjectConfirmationData InResponseTo="${REQUEST_ID}" NotOnOrAfter="${UNTIL}" Recipient="${ACS}"/></SubjectConfirmation></Subject>` +
  `<Conditions NotBefore="${NOW}" NotOnOrAfter="${UNTIL}"><AudienceRestriction><Audience>${AUDIENCE}</Audience></AudienceRestriction></Conditions>` +
  `<AttributeStatement><Attribute Name="http://schemas.microsoft.com/identity/claims/tenantid"><AttributeValue>5f1b8e6c-0d5a-4a7e-9a2b-0f6f3d1c2b3a</AttributeValue></Attribute>` +
  `<Attribute Name="${CLAIMS}/department"><AttributeValue>${department}</AttributeValue></Attribute>` +
  `<Attribute Name="${CLAIMS}/groups">${groups.map((group) => `<AttributeValue>${group}</AttributeValue>`).join('')}</Attribute></AttributeStatement>` +
  `<AuthnStatement AuthnInstant="${NOW}" SessionIndex="_session"><AuthnContext><AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</AuthnContextClassRef></AuthnContext></AuthnStatement></Assertion></samlp:Response>`;

const okta = ({ subject, department, groups }: ShapedPerson): string =>
  `<?xml version="1.0" encoding="UTF-8"?><saml2p:Response Destination="${ACS}" ID="id1111" InResponseTo="${REQUEST_ID}" IssueInstant="${NOW}" Version="2.0" xmlns:saml2p="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:xs="http://www.w3.org/2001/XMLSchema">` +
  `<saml2:Issuer Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity" xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion">${ISSUER}</saml2:Issuer>` +
  `<saml2p:Status xmlns:saml2p="urn:oasis:names:tc:SAML:2.0:protocol"><saml2p:StatusCode Value="${SUCCESS}"/></saml2p:Status>` +
  `<saml2:Assertion ID="id2222" IssueInstant="${NOW}" Version="2.0" xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:xs="http://www.w3.org/2001/XMLSchema">` +
  `<saml2:Issuer Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity" xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion">${ISSUER}</saml2:Issuer>` +
  `<saml2:Subject xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion"><saml2:NameID Format="${PERSISTENT}">${subject}</saml2:NameID>` +
  `<saml2:SubjectConfirmation Method="${BEARER}"><saml2:SubjectConfirmationData InResponseTo="${REQUEST_ID}" NotOnOrAfter="${UNTIL}" Recipient="${ACS}"/></saml2:SubjectConfirmation></saml2:Subject>` +
  `<saml2:Conditions NotBefore="${NOW}" NotOnOrAfter="${UNTIL}" xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion"><saml2:AudienceRestriction><saml2:Audience>${AUDIENCE}</saml2:Audience></saml2:AudienceRestriction></saml2:Conditions>` +
  `<saml2:AuthnStatement AuthnInstant="${NOW}" SessionIndex="${REQUEST_ID}" xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion"><saml2:AuthnContext><saml2:AuthnContextClassRef>${PASSWORD}</saml2:AuthnContextClassRef></saml2:AuthnContext></saml2:AuthnStatement>` +
  `<saml2:AttributeStatement xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion"><saml2:Attribute Name="department" NameFormat="${BASIC}">${oktaValue(department)}</saml2:Attribute>` +
  `<saml2:Attribute Name="groups" NameFormat="${BASIC}">${groups.map(oktaValue).join('')}</saml2:Attribute></saml2:AttributeStatement></saml2:Assertion></saml2p:Response>`;
const oktaValue = (value: string): string =>
  `<saml2:AttributeValue xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string">${value}</saml2:AttributeValue>`;

const keycloak = ({ subject, department, groups }: ShapedPerson): string =>
  `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" Destination="${ACS}" ID="ID_response" InResponseTo="${REQUEST_ID}" IssueInstant="${NOW}" Version="2.0"><saml:Issuer>${ISSUER}</saml:Issuer>` +
  `<samlp:Status><samlp:StatusCode Value="${SUCCESS}"/></samlp:Status><saml:Assertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion" ID="ID_assertion" IssueInstant="${NOW}" Version="2.0"><saml:Issuer>${ISSUER}</saml:Issuer>` +
  `<saml:Subject><saml:NameID Format="${PERSISTENT}">${subject}</saml:NameID><saml:SubjectConfirmation Method="${BEARER}"><saml:SubjectConfirmationData InResponseTo="${REQUEST_ID}" NotOnOrAfter="${UNTIL}" Recipient="${ACS}"/></saml:SubjectConfirmation></saml:Subject>` +
  `<saml:Conditions NotBefore="${NOW}" NotOnOrAfter="${UNTIL}"><saml:AudienceRestriction><saml:Audience>${AUDIENCE}</saml:Audience></saml:AudienceRestriction></saml:Conditions>` +
  `<saml:AuthnStatement AuthnInstant="${NOW}" SessionIndex="c0ffee::1" SessionNotOnOrAfter="${UNTIL}"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>` +
  `<saml:AttributeStatement><saml:Attribute FriendlyName="department" Name="department" NameFormat="${BASIC}"><saml:AttributeValue xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string">${department}</saml:AttributeValue></saml:Attribute>` +
  `${groups.map((group) => `<saml:Attribute Name="Role-${group}" NameFormat="${BASIC}"><saml:AttributeValue xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string">${group}</saml:AttributeValue></saml:Attribute>`).join('')}</saml:AttributeStatement></saml:Assertion></samlp:Response>`;

const adfs = ({ subject, department, groups }: ShapedPerson): string =>
  `<samlp:Response ID="_response" Version="2.0" IssueInstant="${NOW}" Destination="${ACS}" Consent="urn:oasis:names:tc:SAML:2.0:consent:unspecified" InResponseTo="${REQUEST_ID}" xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol">` +
  `<Issuer xmlns="urn:oasis:names:tc:SAML:2.0:assertion">${ISSUER}</Issuer><samlp:Status><samlp:StatusCode Value="${SUCCESS}" /></samlp:Status>` +
  `<Assertion ID="_assertion" IssueInstant="${NOW}" Version="2.0" xmlns="urn:oasis:names:tc:SAML:2.0:assertion"><Issuer>${ISSUER}</Issuer>` +
  `<Subject><NameID>${subject}</NameID><SubjectConfirmation Method="${BEARER}"><SubjectConfirmationData InResponseTo="${REQUEST_ID}" NotOnOrAfter="${UNTIL}" Recipient="${ACS}" /></SubjectConfirmation></Subject>` +
  `<Conditions NotBefore="${NOW}" NotOnOrAfter="${UNTIL}"><AudienceRestriction><Audience>${AUDIENCE}</Audience></AudienceRestriction></Conditions>` +
  `<AttributeStatement><Attribute Name="department" a:OriginalIssuer="AD" xmlns:a="http://schemas.xmlsoap.org/ws/2009/09/identity/claims"><AttributeValue>${department}</AttributeValue></Attribute>` +
  `<Attribute Name="http://schemas.xmlsoap.org/claims/Group">${groups.map((group) => `<AttributeValue>${group}</AttributeValue>`).join('')}</Attribute></AttributeStatement>` +
  `<AuthnStatement AuthnInstant="${NOW}"><AuthnContext><AuthnContextClassRef>urn:federation:authentication:windows</AuthnContextClassRef></AuthnContext></AuthnStatement></Assertion></samlp:Response>`;

/** Shibboleth's form: indented, and with a structured value (eduPersonTargetedID). */
const shibboleth = ({ subject, department, groups }: ShapedPerson): string => `<?xml version="1.0" encoding="UTF-8"?>
<saml2p:Response xmlns:saml2p="urn:oasis:names:tc:SAML:2.0:protocol" Destination="${ACS}" ID="_response" InResponseTo="${REQUEST_ID}" IssueInstant="${NOW}" Version="2.0">
    <saml2:Issuer xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion">${ISSUER}</saml2:Issuer>
    <saml2p:Status>
        <saml2p:StatusCode Value="${SUCCESS}"/>
    </saml2p:Status>
    <saml2:Assertion xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:xsd="http://www.w3.org/2001/XMLSchema" ID="_assertion" IssueInstant="${NOW}" Version="2.0">
        <saml2:Issuer>${ISSUER}</saml2:Issuer>
        <saml2:Subject>
            <saml2:NameID Format="${PERSISTENT}" NameQualifier="${ISSUER}" SPNameQualifier="${AUDIENCE}">${subject}</saml2:NameID>
            <saml2:SubjectConfirmation Method="${BEARER}">
                <saml2:SubjectConfirmationData Address="192.0.2.7" InResponseTo="${REQUEST_ID}" NotOnOrAfter="${UNTIL}" Recipient="${ACS}"/>
            </saml2:SubjectConfirmation>
        </saml2:Subject>
        <saml2:Conditions NotBefore="${NOW}" NotOnOrAfter="${UNTIL}">
            <saml2:AudienceRestriction>
                <saml2:Audience>${AUDIENCE}</saml2:Audience>
            </saml2:AudienceRestriction>
        </saml2:Conditions>
        <saml2:AuthnStatement AuthnInstant="${NOW}" SessionIndex="_session">
            <saml2:SubjectLocality Address="192.0.2.7"/>
            <saml2:AuthnContext>
                <saml2:AuthnContextClassRef>${PASSWORD}</saml2:AuthnContextClassRef>
            </saml2:AuthnContext>
        </saml2:AuthnStatement>
        <saml2:AttributeStatement>
            <saml2:Attribute FriendlyName="eduPersonTargetedID" Name="urn:oid:1.3.6.1.4.1.5923.1.1.1.10" NameFormat="${URI}">
                <saml2:AttributeValue><saml2:NameID Format="${PERSISTENT}">targeted</saml2:NameID></saml2:AttributeValue>
            </saml2:Attribute>
            <saml2:Attribute FriendlyName="department" Name="urn:oid:2.5.4.11" NameFormat="${URI}">
                <saml2:AttributeValue xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xsd:string">${department}</saml2:AttributeValue>
            </saml2:Attribute>
            <saml2:Attribute FriendlyName="isMemberOf" Name="urn:oid:1.3.6.1.4.1.5923.1.5.1.1" NameFormat="${URI}">
${groups.map((group) => `                <saml2:AttributeValue>${group}</saml2:AttributeValue>\n`).join('')}            </saml2:Attribute>
        </saml2:AttributeStatement>
    </saml2:Assertion>
</saml2p:Response>
`;

/** Providers whose messages must be accepted, whichever parts they sign. */
export const SHAPES: readonly ProviderShape[] = [
  { title: 'Entra ID, assertion signed', unsigned: entra, signatures: [{ element: 'Assertion', prefix: '' }] },
  { title: 'Entra ID, response and assertion signed', unsigned: entra, signatures: both('') },
  { title: 'Okta, both signed with InclusiveNamespaces', unsigned: okta, signatures: both('ds', ['xs']) },
  {
    title: 'Okta, assertion signed with SHA-512',
    unsigned: okta,
    signatures: [{ element: 'Assertion', prefix: 'ds', algorithm: 'rsa-sha512', digest: 'sha512' }],
  },
  {
    title: 'Okta, only the response signed',
    unsigned: okta,
    signatures: [{ element: 'Response', prefix: 'ds', inclusivePrefixes: ['xs'] }],
    signed: 'response',
  },
  { title: 'Keycloak, assertion signed', unsigned: keycloak, signatures: [{ element: 'Assertion', prefix: 'dsig' }] },
  { title: 'Keycloak, both signed', unsigned: keycloak, signatures: both('dsig'), signed: 'both' },
  { title: 'ADFS, assertion signed', unsigned: adfs, signatures: [{ element: 'Assertion', prefix: 'ds' }] },
  { title: 'Shibboleth, both signed with InclusiveNamespaces', unsigned: shibboleth, signatures: both('ds', ['xsd']) },
  {
    title: 'Shibboleth, assertion signed with every prefix inclusive',
    unsigned: shibboleth,
    signatures: [{ element: 'Assertion', prefix: 'ds', inclusivePrefixes: ['saml2', 'saml2p', 'xsd', 'xsi'] }],
  },
];

function both(prefix: string, inclusivePrefixes: readonly string[] = []): readonly TestSignature[] {
  return [
    { element: 'Assertion', prefix, inclusivePrefixes },
    { element: 'Response', prefix, inclusivePrefixes },
  ];
}
