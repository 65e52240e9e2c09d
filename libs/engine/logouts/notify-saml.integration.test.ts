import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  createSigningKey,
  logoutResponse,
  type LogoutResponseInput,
  readLogoutRequest,
  readSigningCertificate,
  receiveSoap,
  signElement,
  soapEnvelope,
} from '@tenure/federation';
import type { LogoutNotice } from '@tenure/store';
import { createTestDatabase, type TestDatabase } from '@tenure/store/testing';
import { type LogoutReceiver, startLogoutReceiver } from '@tenure/testing/logout-receiver.ts';
import { followSamlApplications, type SamlApplications } from '../applications/index.ts';
import { createKeyring, type Keyring } from '../keys/index.ts';
import { samlApplication } from '../testing/index.ts';
import { createLogoutNotifier } from './create-notifier.ts';
import type { LogoutAnswer } from './logout-answer.ts';

const now = new Date('2026-03-02T09:00:00.000Z');
const url = 'https://tenure.example';
const entityId = 'https://wiki.example/metadata';
const wikiKey = createSigningKey('wiki', now);

let database: TestDatabase;
let keyring: Keyring;
let wiki: LogoutReceiver;
let directory: string;
let applications: SamlApplications;
let notify: (application: string) => Promise<LogoutAnswer>;

const notice: LogoutNotice = {
  id: '00000000-0000-4000-8000-000000000001',
  identityId: '00000000-0000-4000-8000-000000000002',
  application: 'wiki',
  protocol: 'saml',
  subject: 'a&b',
  sessionIndex: '_session',
  details: { nameIdFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent', nameQualifier: `${url}/idp/saml/metadata`, spNameQualifier: entityId },
  beganAt: now.toISOString(),
  expiresAt: now.toISOString(),
  endedAt: now.toISOString(),
  endedReason: null,
  status: 'waiting',
  attempts: 1,
  dueAt: now.toISOString(),
  code: null,
  settledAt: null,
};

const metadata = (logout: string): string =>
  `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${entityId}"><md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
  <md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>${new X509Certificate(wikiKey.certificate).raw.toString('base64')}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
  ${logout}<md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://wiki.example/acs" index="0"/></md:SPSSODescriptor></md:EntityDescriptor>`;
const service = (binding: string, location: string): string =>
  `<md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:${binding}" Location="${location}"/>`;

beforeAll(async () => {
  database = await createTestDatabase();
  keyring = createKeyring({ store: database.store, clock: () => now.toISOString() });
  wiki = await startLogoutReceiver();
  directory = await mkdtemp(join(tmpdir(), 'tenure-slo-'));
  await writeFile(join(directory, 'wiki.xml'), metadata(service('HTTP-Redirect', 'https://wiki.example/slo') + service('SOAP', wiki.url)));
  await writeFile(
    join(directory, 'library.xml'),
    metadata(service('HTTP-Redirect', 'https://wiki.example/slo') + service('HTTP-POST', 'https://wiki.example/slo')),
  );
  const settings = ['wiki', 'library', 'gone'].map((name) => samlApplication(name, join(directory, `${name}.xml`)));
  const byName = Object.fromEntries(settings.map((one) => [one.name, one]));
  applications = followSamlApplications({ applications: byName }, () => undefined);
  const notifier = createLogoutNotifier({ url, keyring, samlApplications: applications, patience: 2000 });
  notify = (application) => {
    const found = byName[application];
    if (found === undefined) throw new Error(`there is no ${application}`);
    return notifier(found, notice, now);
  };
});
afterAll(async () => {
  applications.stop();
  await wiki.close();
  await rm(directory, { recursive: true });
  await database.drop();
});
beforeEach(() => {
  wiki.calls.length = 0;
});

/** Verified request in a body of the receiver. */
async function requestIn(body: string) {
  const [key] = await keyring.published('saml');
  const certificate = new X509Certificate(key?.certificate ?? '');
  const sender = { entityId: `${url}/idp/saml/metadata`, signingCertificates: [readSigningCertificate(certificate.raw)] };
  return readLogoutRequest(receiveSoap(body), { sender, destination: wiki.url, clockSkew: 0, now: now.toISOString() });
}

/** Has the application answer. */
function answers(status: LogoutResponseInput['status'], more: Partial<LogoutResponseInput> & { readonly key?: typeof wikiKey | null } = {}): void {
  const { key = wikiKey, ...input } = more;
  wiki.answer = async (body) => {
    const { id } = await requestIn(body);
    const destination = `${url}/idp/saml/soap`;
    const xml = logoutResponse({ id: '_answer', issuer: entityId, destination, inResponseTo: id, status, now: now.toISOString(), ...input });
    return { status: 200, body: soapEnvelope(key === null ? xml : signElement(xml, { element: 'LogoutResponse', ...key })) };
  };
}

describe('SAML profiles 4.4 and bindings 3.2: single logout by SOAP, begun by Tenure', () => {
  test('sends a signed request about the session', async () => {
    answers('success');
    expect(await notify('wiki')).toEqual({ outcome: 'confirmed', code: 'Success' });
    expect(wiki.calls.map(({ contentType }) => contentType)).toEqual(['text/xml; charset=utf-8']);
    const request = await requestIn(wiki.calls[0]?.body ?? '');
    expect(request).toMatchObject({
      issuer: 'https://tenure.example/idp/saml/metadata',
      nameId: {
        value: 'a&b',
        format: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
        nameQualifier: 'https://tenure.example/idp/saml/metadata',
        spNameQualifier: entityId,
      },
      sessionIndexes: ['_session'],
    });
    expect(wiki.calls[0]?.body).toContain('NotOnOrAfter="2026-03-02T09:05:00Z"');
  });

  test.each([
    ['success', { outcome: 'confirmed', code: 'Success' }],
    ['partial', { outcome: 'confirmed', code: 'PartialLogout' }],
    ['unknown-principal', { outcome: 'confirmed', code: 'UnknownPrincipal' }],
    ['requester', { outcome: 'refused', code: 'Requester' }],
    ['responder', { outcome: 'refused', code: 'Responder' }],
    ['request-denied', { outcome: 'refused', code: 'Requester_RequestDenied' }],
  ] as const)('takes a signed %s', async (status, answer) => {
    answers(status);
    expect(await notify('wiki')).toEqual(answer);
  });

  test.each([
    ['unsigned', () => answers('success', { key: null }), 'ANSWER_SIGNATURE_MISSING'],
    ['signed by a key that it brings along', () => answers('success', { key: createSigningKey('stranger', now) }), 'ANSWER_SIGNATURE_KEY_UNKNOWN'],
    ['to another request', () => answers('success', { inResponseTo: '_another' }), 'ANSWER_IN_RESPONSE_TO_MISMATCH'],
    ['of another issuer', () => answers('success', { issuer: 'https://evil.example' }), 'ANSWER_WRONG_ISSUER'],
    ['for somebody else', () => answers('success', { destination: 'https://other.example/slo' }), 'ANSWER_WRONG_DESTINATION'],
    ['of an hour ago', () => answers('success', { now: '2026-03-02T08:00:00.000Z' }), 'ANSWER_MESSAGE_EXPIRED'],
    ['that is no envelope', () => Object.assign(wiki, { answer: () => ({ status: 200, body: '<ok/>' }) }), 'ANSWER_MALFORMED'],
    ['that is no XML', () => Object.assign(wiki, { answer: () => ({ status: 200, body: 'ok' }) }), 'ANSWER_MALFORMED'],
    ['that is endless', () => Object.assign(wiki, { answer: () => ({ status: 200, body: 'x'.repeat(100_000) }) }), 'TOO_LARGE'],
    ['that is a fault', () => Object.assign(wiki, { answer: () => ({ status: 500, body: '' }) }), 'HTTP_500'],
    ['that leads elsewhere', () => Object.assign(wiki, { answer: () => ({ status: 302, headers: { location: wiki.url }, body: '' }) }), 'HTTP_302'],
  ])('does not count an answer %s', async (_what, prepare, code) => {
    prepare();
    expect(await notify('wiki')).toEqual({ outcome: 'unavailable', code });
    expect(wiki.calls.length).toBe(1);
  });

  test('is not tried where the application offers a browser only', async () =>
    expect(await notify('library')).toEqual({ outcome: 'no-channel', code: 'NO_SOAP_LOGOUT' }));
  test('waits for metadata that cannot be read', async () => expect(await notify('gone')).toEqual({ outcome: 'unavailable', code: 'NO_METADATA' }));
});
