import { createPublicKey } from 'node:crypto';
import { type CacheProvider, SAML, ValidateInResponseTo } from '@node-saml/node-saml';
import { describe, expect, test } from '@jest/globals';
import { decryptAssertion } from '../decrypt-assertion.ts';
import { parseResponse } from '../parse-response.ts';
import { attributeOf, descendantsOf, elementsOf, parseXml, textOf, withDocument, type XmlElement } from '../parse-xml.ts';
import { checkSchema } from '../saml-schema.ts';
import { ASSERTION, PROTOCOL, SIGNATURE } from '../namespaces.ts';
import { readSigningCertificate } from '../signing-certificate.ts';
import { later, NOW } from '../test-messages.ts';
import { verifySamlResponse } from '../verify-response.ts';
import { APPLICATION_KEY, application, assertionInput, IDENTITY_PROVIDER, keyDescriptor, TENURE_KEY, WIKI } from './test-application.ts';
import { type AssertionInput, writeRefusal, writeResponse } from './write-response.ts';

const base64 = (xml: string): string => Buffer.from(xml).toString('base64');
const hostile = 'Zoë 漢字 👩‍🚀 "q" \'a\' <b>&amp;]]>\tt\nn\rr\u0085\u2028';

/** Requests that the application has sent; none is consumed. */
const requests: CacheProvider = { saveAsync: async () => null, getAsync: async (id) => (id === '_request' ? NOW : null), removeAsync: async () => null };
const nodeSaml = (more: { readonly idpInitiated?: boolean; readonly assertionUnsigned?: boolean; readonly decrypts?: boolean } = {}): SAML =>
  new SAML({
    callbackUrl: WIKI.acsUrl,
    issuer: WIKI.entityId,
    audience: WIKI.entityId,
    idpIssuer: IDENTITY_PROVIDER.entityId,
    idpCert: TENURE_KEY.certificate,
    wantAssertionsSigned: !more.assertionUnsigned,
    wantAuthnResponseSigned: true,
    validateInResponseTo: more.idpInitiated ? ValidateInResponseTo.never : ValidateInResponseTo.always,
    cacheProvider: requests,
    ...(more.decrypts ? { decryptionPvk: APPLICATION_KEY.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() } : {}),
  });
const read = async (xml: string, more?: Parameters<typeof nodeSaml>[0]) =>
  (await nodeSaml(more).validatePostResponseAsync({ SAMLResponse: base64(xml) })).profile as Record<string, unknown>;
/** The receiving side of Tenure. */
const verify = (xml: string, signed: 'both' | 'response', inResponseTo: string | null = '_request') =>
  verifySamlResponse({
    response: parseResponse(base64(xml)),
    provider: {
      entityId: IDENTITY_PROVIDER.entityId,
      ssoUrl: IDENTITY_PROVIDER.ssoUrl,
      ssoPostUrl: null,
      wantsSignedRequests: false,
      logoutServices: [],
      signingCertificates: [readSigningCertificate(TENURE_KEY.certificate)],
      validUntil: null,
    },
    serviceProvider: { ...WIKI, signed, decryption: { key: APPLICATION_KEY.privateKey, certificate: null } },
    expectedInResponseTo: inResponseTo,
    clockSkew: 0,
    now: NOW,
  });
const only = (root: XmlElement, namespace: string, name: string): XmlElement => {
  const found = descendantsOf(root, namespace, name);
  if (found[0] === undefined || found.length !== 1) throw new Error(`${found.length} ${name}`);
  return found[0];
};
const write = (more: Partial<AssertionInput> = {}): string => writeResponse(assertionInput(more));

describe('SAML profiles 4.1.4.2: a response', () => {
  test('with both signatures is accepted by node-saml and by the receiving side, every sign of its values as it was', async () => {
    const nameId = { value: hostile.replace(/[\r\n\t]/g, ''), format: null, nameQualifier: null, spNameQualifier: null };
    const xml = write({ nameId, attributes: { name: hostile, lines: 'a\r\nb' } });
    // node-saml's parser takes two further characters for line breaks; the signature is right all the same.
    const broken = (text: string): string => text.replace(/[\u0085\u2028]/g, '\n');
    const expected = { nameID: broken(nameId.value), sessionIndex: '_session', attributes: { name: broken(hostile), lines: 'a\r\nb' } };
    expect(await read(xml)).toMatchObject(expected);
    expect(await verify(xml, 'both')).toMatchObject({ subject: nameId.value, claims: { name: [hostile], lines: ['a\r\nb'] } });
  });

  test('is valid by the schemas with each kind of value, and without any', () => {
    for (const attributes of [{ a: 'b', c: true, d: 3, e: 1.5, f: ['x', 'y'], g: [] }, {}])
      withDocument(write({ attributes }), (document) => expect(checkSchema(document)).toBeUndefined());
  });

  test('types its values, names their names by format, and has an attribute without values for an empty list', () => {
    const statement = only(parseXml(write({ attributes: { a: 'b', c: true, d: 3, e: 1.5, groups: [], 'urn:oid:1': 'f' } })), ASSERTION, 'AttributeStatement');
    expect(
      elementsOf(statement).map((one) => [attributeOf(one, 'Name'), attributeOf(one, 'NameFormat')?.split(':').at(-1), elementsOf(one).map(textOf)]),
    ).toEqual([
      ['a', 'basic', ['b']],
      ['c', 'basic', ['true']],
      ['d', 'basic', ['3']],
      ['e', 'basic', ['1.5']],
      ['groups', 'basic', []],
      ['urn:oid:1', 'uri', ['f']],
    ]);
    expect(write({ attributes: { a: 'b', c: true, d: 3, e: 1.5 } }).match(/xsi:type="[^"]*"/g)).toEqual(
      ['string', 'boolean', 'integer', 'double'].map((type) => `xsi:type="xs:${type}"`),
    );
  });

  test('leaves out what XML cannot express', async () =>
    expect(await read(write({ attributes: { a: 'x\u0000y\u0008z\ud800!' } }))).toMatchObject({ attributes: { a: 'xyz!' } }));

  test('signs the types of its values: none can be given another meaning', async () => {
    const changed = write().replace('xmlns:xs="http://www.w3.org/2001/XMLSchema"', 'xmlns:xs="urn:evil"');
    await expect(read(changed)).rejects.toThrow('Invalid');
    await expect(verify(changed, 'both')).rejects.toMatchObject({ code: 'LOGIN_REFUSED' });
  });

  test('has times without milliseconds, and names request and address twice', () => {
    const xml = write();
    expect(xml.match(/(?:Instant|NotOnOrAfter|NotBefore)="[^"]*"/g)?.every((time) => /:\d\dZ"$/.test(time))).toBe(true);
    expect(xml.match(/InResponseTo="_request"/g)).toHaveLength(2);
    expect([xml.match(/Destination="([^"]*)"/)?.[1], xml.match(/Recipient="([^"]*)"/)?.[1]]).toEqual([WIKI.acsUrl, WIKI.acsUrl]);
  });

  test('without a request names none', async () => {
    const xml = write({ inResponseTo: null });
    expect(xml).not.toContain('InResponseTo');
    expect(await read(xml, { idpInitiated: true })).toMatchObject({ nameID: 'ada' });
  });

  test('is not usable longer than the session lasts, and states its end', () => {
    const sessionEnd = later(60);
    const xml = write({ sessionEnd });
    const end = `${sessionEnd.slice(0, 19)}Z`;
    expect([xml.match(/ NotOnOrAfter="([^"]*)"/g), xml.match(/SessionNotOnOrAfter="([^"]*)"/)?.[1]]).toEqual([
      [` NotOnOrAfter="${end}"`, ` NotOnOrAfter="${end}"`],
      end,
    ]);
  });

  test('has one signature where the application wants its assertions unsigned', async () => {
    const xml = write({ application: application({ attributes: 'WantAssertionsSigned="false"' }) });
    expect(descendantsOf(parseXml(xml), SIGNATURE, 'Signature').map(({ parent }) => parent?.name)).toEqual(['Response']);
    expect(await read(xml, { assertionUnsigned: true })).toMatchObject({ nameID: 'ada' });
  });

  test.each(['aes-128-gcm', 'aes-256-gcm'] as const)('encrypted by %s is opened by the receiving side and, where it can, by node-saml', async (cipher) => {
    const key = createPublicKey(APPLICATION_KEY.privateKey);
    const xml = write({ application: { ...application(), encryption: { key, cipher } } });
    expect(xml.includes('>ada<')).toBe(false);
    expect(await verify(xml, 'both')).toMatchObject({ subject: 'ada', claims: { groups: ['readers', 'editors'] } });
    expect(await read(xml, { decrypts: true })).toMatchObject({ nameID: 'ada' });
    expect(decryptAssertion(only(parseXml(xml), ASSERTION, 'EncryptedAssertion'), APPLICATION_KEY.privateKey)).toMatch(
      /^<saml:Assertion .*<\/saml:Assertion>$/s,
    );
  });

  test.each([
    ['another NameID', (xml: string) => xml.replace('>ada<', '>eve<')],
    ['a comment in the NameID of another', (xml: string) => xml.replace('>ada<', '>ad<!---->b<')],
    ['another group', (xml: string) => xml.replace('>editors<', '>admins<')],
    ['no signature of the response', (xml: string) => xml.replace(/<ds:Signature .*?<\/ds:Signature>/s, '')],
    ['another address', (xml: string) => xml.replaceAll(WIKI.acsUrl, 'https://evil.example/acs')],
  ])('with %s is refused by node-saml and by the receiving side', async (_what, change) => {
    const changed = change(write());
    await expect(read(changed)).rejects.toThrow();
    await expect(verify(changed, 'both')).rejects.toMatchObject({ code: 'LOGIN_REFUSED' });
  });

  test('that answers a request a second time is refused by node-saml where the request is not known', async () =>
    expect(read(write({ inResponseTo: '_another' }))).rejects.toThrow('InResponseTo'));
});

describe('SAML core 3.2.2.2: a refusal', () => {
  test.each([
    ['no-passive', 'Responder', 'NoPassive'],
    ['no-authn-context', 'Responder', 'NoAuthnContext'],
    ['invalid-name-id-policy', 'Requester', 'InvalidNameIDPolicy'],
    ['request-denied', 'Responder', 'RequestDenied'],
  ] as const)('%s is a signed response with that status and no assertion', async (status, top, second) => {
    const xml = writeRefusal(assertionInput(), status);
    withDocument(xml, (document) => expect(checkSchema(document)).toBeUndefined());
    const root = parseXml(xml);
    expect(descendantsOf(root, PROTOCOL, 'StatusCode').map((code) => attributeOf(code, 'Value')?.split(':').at(-1))).toEqual([top, second]);
    expect(descendantsOf(root, ASSERTION, 'Assertion')).toEqual([]);
    if (status === 'no-passive')
      expect(await nodeSaml().validatePostResponseAsync({ SAMLResponse: base64(xml) })).toMatchObject({ profile: null, loggedOut: false });
    else await expect(read(xml)).rejects.toThrow(second);
    const reason = { 'no-passive': 'interaction-needed', 'no-authn-context': 'context-unsatisfied' }[String(status)] ?? 'status-not-success';
    await expect(verify(xml, 'both')).rejects.toMatchObject({ reason });
  });
});

describe('SAML metadata 2.4.1.1: encryption', () => {
  test('is what a key of that use asks for, and no other key', () => {
    expect([application().encryption, application({ key: keyDescriptor('') }).encryption]).toEqual([null, null]);
    expect(application({ key: keyDescriptor('signing') + keyDescriptor('encryption') }).encryption).toMatchObject({ cipher: 'aes-256-gcm' });
  });
});
