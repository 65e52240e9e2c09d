import { describe, expect, test } from '@jest/globals';
import { createSigningKey } from '@tenure/testing/identity-providers/self-signed-certificate.ts';
import { KEY, later, PROVIDER, REQUEST_ID, samlMessage, SERVICE_PROVIDER, type TestMessage, verify } from './test-messages.ts';
import type { SamlRefusal } from './refusal.ts';
import { readSigningCertificate } from './signing-certificate.ts';
import type { SamlResponseInput } from './verify-response.ts';

const refused = (reason: SamlRefusal) => expect.objectContaining({ code: 'LOGIN_REFUSED', reason });
const replace = (from: string | RegExp, to: string) => (xml: string) => {
  const changed = xml.replace(from, to);
  if (changed === xml) throw new Error(`nothing to replace: ${from}`);
  return changed;
};

/** A row: title, message, reason of the refusal, and options of the verification. */
type Refusal = readonly [title: string, message: TestMessage, reason: SamlRefusal, input?: Partial<SamlResponseInput>];
function refusals(rows: readonly Refusal[]): void {
  for (const [title, message, reason, input] of rows) {
    test(`refuses ${title}`, async () => {
      await expect(verify(samlMessage(message), input)).rejects.toEqual(refused(reason));
    });
  }
}

describe('SAML profiles 4.1.4: web browser SSO response', () => {
  test('accepts a signed assertion and says what is in it', async () => {
    expect(await verify(samlMessage())).toEqual({
      issuer: PROVIDER.entityId,
      subject: 'ada@contoso.example',
      nameQualifier: null,
      spNameQualifier: null,
      authenticatedAt: expect.stringMatching(/Z$/),
      acr: 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport',
      nameIdFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
      sessionIndex: expect.stringMatching(/^_/),
      sessionEnd: null,
      assertionId: '_assertion',
      inResponseTo: REQUEST_ID,
      notOnOrAfter: later(330),
      claims: { department: ['Finance'], groups: ['a', 'b'], manager: [] },
    });
  });

  test('accepts a signed assertion in a signed response', async () => {
    expect((await verify(samlMessage({ sign: ['assertion', 'response'] }))).subject).toBe('ada@contoso.example');
  });

  test('accepts an assertion that nobody asked for only where nothing was asked', async () => {
    const message = samlMessage({ content: { inResponseTo: null } });
    expect((await verify(message, { expectedInResponseTo: null })).inResponseTo).toBeNull();
    await expect(verify(message)).rejects.toEqual(refused('in-response-to-mismatch'));
  });

  test('of several authentication statements the earliest end of a session counts', async () => {
    const statement = /<saml:AuthnStatement .*<\/saml:AuthnStatement>/s;
    const ending = (xml: string, seconds: number): string =>
      xml.replace('<saml:AuthnStatement ', `<saml:AuthnStatement SessionNotOnOrAfter="${later(seconds)}" `);
    const before = (xml: string): string => xml.replace(statement, (one) => `${ending(one, 900)}${one}${ending(one, 120)}`);
    expect((await verify(samlMessage({ before }))).sessionEnd).toBe(later(120));
  });

  refusals([
    ['a message that is no SAML response', { before: (xml) => xml.replaceAll('samlp:Response', 'samlp:LogoutResponse'), sign: [] }, 'malformed'],
    ['SAML 1.1', { before: replace('Version="2.0"', 'Version="1.1"') }, 'malformed'],
    ['a failure that the provider reports', { before: replace('status:Success', 'status:Responder') }, 'status-not-success'],
    ['an answer to another request', { content: { inResponseTo: '_other' } }, 'in-response-to-mismatch'],
    [
      'an answer to another request behind an envelope that names ours',
      { content: { inResponseTo: '_other' }, after: replace('_other', REQUEST_ID) },
      'in-response-to-mismatch',
    ],
    ['an answer where nothing was asked', {}, 'in-response-to-mismatch', { expectedInResponseTo: null }],
    [
      'an answer to a request, stripped of that in its envelope, where nothing was asked',
      { after: replace(` InResponseTo="${REQUEST_ID}"`, '') },
      'in-response-to-mismatch',
      { expectedInResponseTo: null },
    ],
    [
      'a response for another address',
      { after: replace(`Destination="${SERVICE_PROVIDER.acsUrl}"`, 'Destination="https://elsewhere.example/acs"') },
      'wrong-destination',
    ],
    [
      'an assertion for another recipient',
      { before: replace(`Recipient="${SERVICE_PROVIDER.acsUrl}"`, 'Recipient="https://elsewhere.example/acs"') },
      'wrong-recipient',
    ],
    ['an assertion without a recipient', { before: replace(/ Recipient="[^"]*"/, '') }, 'wrong-recipient'],
    ['a holder-of-key confirmation', { before: replace('cm:bearer', 'cm:holder-of-key') }, 'subject-confirmation-missing'],
    ['a confirmation without an end', { before: replace(/(<saml:SubjectConfirmationData[^>]*) NotOnOrAfter="[^"]*"/, '$1') }, 'subject-confirmation-missing'],
    ['an assertion without an authentication', { before: replace(/<saml:AuthnStatement.*<\/saml:AuthnStatement>/, '') }, 'malformed'],
    [
      'a provider session that is over',
      { before: replace('<saml:AuthnStatement ', `<saml:AuthnStatement SessionNotOnOrAfter="${later(-60)}" `) },
      'session-expired',
    ],
  ]);

  test('accepts one good confirmation beside one that does not hold', async () => {
    const other =
      '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData Recipient="https://elsewhere.example/"/></saml:SubjectConfirmation>';
    const message = samlMessage({ before: replace('</saml:NameID>', `</saml:NameID>${other}`) });
    expect((await verify(message)).subject).toBe('ada@contoso.example');
  });
});

describe('SAML core 2.2 and 2.3: issuer and subject', () => {
  refusals([
    ['an assertion of another issuer', { before: replace(/(<saml:Assertion .*?<saml:Issuer>)[^<]*/, '$1https://evil.example') }, 'wrong-issuer'],
    ['a response of another issuer', { after: replace(/<saml:Issuer>[^<]*/, '<saml:Issuer>https://evil.example') }, 'wrong-issuer'],
    [
      'an issuer that is no entity',
      { before: replace(/(<saml:Assertion .*?<saml:Issuer)>/, '$1 Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress">') },
      'wrong-issuer',
    ],
    ['an assertion without a subject', { before: replace(/<saml:Subject>.*<\/saml:Subject>/, '') }, 'subject-missing'],
    ['an empty name', { content: { subject: ' ' } }, 'subject-missing'],
    ['a transient name, by which nobody is known again', { before: replace('nameid-format:persistent', 'nameid-format:transient') }, 'transient-name-id'],
    ['two names', { before: replace('</saml:NameID>', '</saml:NameID><saml:NameID>eve</saml:NameID>') }, 'schema-invalid'],
    [
      'an encrypted name',
      {
        before: replace(
          /<saml:NameID.*<\/saml:NameID>/,
          '<saml:EncryptedID><xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#"><xenc:CipherData><xenc:CipherValue>AAAA</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData></saml:EncryptedID>',
        ),
      },
      'encrypted-unsupported',
    ],
  ]);

  test('a comment in the name does not cut it short, whether the signer or an attacker put it there', async () => {
    const comment = replace('ada@contoso.example', 'ada@contoso.example<!-- -->.evil.example');
    expect((await verify(samlMessage({ before: comment }))).subject).toBe('ada@contoso.example.evil.example');
    const split = replace('ada@contoso.example', 'ada@<!-- -->contoso.example');
    expect((await verify(samlMessage({ after: split }))).subject).toBe('ada@contoso.example');
    await expect(verify(samlMessage({ after: replace('ada@contoso.example', 'ada@contoso.example<!-- -->.evil.example') }))).rejects.toEqual(
      refused('signature-invalid'),
    );
  });

  test('reads a name with characters that XML escapes', async () => {
    expect((await verify(samlMessage({ content: { subject: `O'Neil & "Søn" <x>` } }))).subject).toBe(`O'Neil & "Søn" <x>`);
  });
});

describe('SAML core 2.5: conditions', () => {
  test.each([
    [-35, 'assertion-not-yet-valid'],
    [-34, null],
    [329, null],
    [330, 'assertion-expired'],
  ] as const)('with 30 s of skew, %i s after it was made: %s', async (seconds, reason) => {
    const verdict = verify(samlMessage(), { now: later(seconds - (seconds === -35 ? 0.001 : 0)) });
    if (reason === null) expect((await verdict).subject).toBe('ada@contoso.example');
    else await expect(verdict).rejects.toEqual(refused(reason));
  });

  test('goes by the time that it is given, not by the machine', async () => {
    const nineties = '1999-12-31T23:59:59.000Z';
    const message = samlMessage({ content: { now: nineties } });
    expect((await verify(message, { now: nineties })).notOnOrAfter).toBe('2000-01-01T00:05:29.000Z');
  });

  refusals([
    [
      'an assertion whose confirmation has expired within valid conditions',
      { before: replace(/(<saml:SubjectConfirmationData[^>]*NotOnOrAfter=")[^"]*/, `$1${later(-60)}`) },
      'assertion-expired',
    ],
    [
      'conditions that have expired around a valid confirmation',
      { before: replace(/(<saml:Conditions[^>]*NotOnOrAfter=")[^"]*/, `$1${later(-60)}`) },
      'assertion-expired',
    ],
    ['conditions without an end', { before: replace(/(<saml:Conditions [^>]*?) NotOnOrAfter="[^"]*"/, '$1') }, 'malformed'],
    ['a time without a zone', { before: replace(/(<saml:Conditions NotBefore=")[^"]*/, '$12026-01-01T00:00:00') }, 'malformed'],
    ['an assertion for another audience', { content: { audience: 'https://elsewhere.example' } }, 'wrong-audience'],
    ['an audience with white space around it', { content: { audience: `\n${SERVICE_PROVIDER.entityId}` } }, 'wrong-audience'],
    ['an assertion without an audience', { before: replace(/<saml:AudienceRestriction>.*<\/saml:AudienceRestriction>/, '') }, 'wrong-audience'],
    ['an assertion without conditions', { before: replace(/<saml:Conditions .*<\/saml:Conditions>/, '') }, 'wrong-audience'],
    [
      'two restrictions of which one leaves us out',
      { before: replace('</saml:Conditions>', '<saml:AudienceRestriction><saml:Audience>x</saml:Audience></saml:AudienceRestriction></saml:Conditions>') },
      'wrong-audience',
    ],
    ['a condition that we do not know', { before: replace('</saml:Conditions>', '<saml:Condition/></saml:Conditions>') }, 'schema-invalid'],
  ]);

  test('accepts us as one of several audiences', async () => {
    const message = samlMessage({ before: replace('<saml:Audience>', '<saml:Audience>https://other.example</saml:Audience><saml:Audience>') });
    expect((await verify(message)).assertionId).toBe('_assertion');
  });
});

describe('SAML core 2.7.3: attributes', () => {
  test('are found by name and by friendly name', async () => {
    const { claims } = await verify(samlMessage({ content: { attributePrefix: 'urn:x:', attributes: { department: ['Finance'] } } }));
    expect(claims).toEqual({ department: ['Finance'], 'urn:x:department': ['Finance'] });
  });

  test('an attribute is absent, empty, or has values: an empty value is none', async () => {
    const { claims } = await verify(samlMessage({ content: { attributes: { none: [], blank: [''], one: ['x'], some: ['x', '', 'y'] } } }));
    expect(claims).toEqual({ none: [], blank: [], one: ['x'], some: ['x', 'y'] });
  });

  test('a friendly name does not add to another attribute of that name', async () => {
    const spoof = '<saml:Attribute Name="nickname" FriendlyName="department"><saml:AttributeValue>Board</saml:AttributeValue></saml:Attribute>';
    const { claims } = await verify(samlMessage({ before: replace('<saml:AttributeStatement>', `<saml:AttributeStatement>${spoof}`) }));
    expect(claims['department']).toEqual(['Finance']);
  });

  test('a claim called __proto__ is only a claim', async () => {
    const { claims } = await verify(samlMessage({ content: { attributes: { ['__proto__']: ['x'] } } }));
    expect(Object.getPrototypeOf(claims)).toBe(Object.prototype);
  });
});

describe('SAML core 5.4 and XML Signature: signatures', () => {
  const second = createSigningKey('second key');

  test('accepts any of several keys in the metadata', async () => {
    const provider = { ...PROVIDER, signingCertificates: [second, KEY].map(({ certificate }) => readSigningCertificate(certificate)) };
    for (const key of [KEY, second])
      expect((await verify(samlMessage({ key, sign: ['assertion', 'response'] }), { provider })).subject).toBe('ada@contoso.example');
  });

  test('accepts RSA-SHA512', async () => {
    const message = samlMessage({
      signatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
      digestAlgorithm: 'http://www.w3.org/2001/04/xmlenc#sha512',
    });
    expect((await verify(message)).subject).toBe('ada@contoso.example');
  });

  const unnamed = replace(/<ds:KeyInfo>.*<\/ds:KeyInfo>/, '');
  refusals([
    ['an unsigned assertion', { sign: [] }, 'signature-missing'],
    ['an unsigned assertion in a signed response', { sign: ['response'] }, 'signature-missing'],
    ['a key that the metadata does not list', { key: second }, 'signature-key-unknown'],
    ['a key that the metadata does not list and the message does not name', { key: second, after: unnamed }, 'signature-invalid'],
    ['a key that the metadata does not list under the name of one that it does', { key: { ...second, certificate: KEY.certificate } }, 'signature-invalid'],
    ['a changed attribute', { after: replace('Finance', 'Board') }, 'signature-invalid'],
    ['a changed name', { after: replace('ada@', 'eve@') }, 'signature-invalid'],
    [
      'a changed response around a signed assertion',
      { sign: ['assertion', 'response'], after: replace(/IssueInstant="[^"]*"/, 'IssueInstant="2020-01-01T00:00:00Z"') },
      'signature-invalid',
    ],
    ['a signature with SHA-1', { signatureAlgorithm: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1' }, 'signature-algorithm'],
    ['a digest with SHA-1', { digestAlgorithm: 'http://www.w3.org/2000/09/xmldsig#sha1' }, 'signature-algorithm'],
    ['an HMAC', { after: replace('2001/04/xmldsig-more#rsa-sha256', '2001/04/xmldsig-more#hmac-sha256') }, 'signature-algorithm'],
    ['other canonicalization', { canonicalization: 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315' }, 'signature-algorithm'],
    [
      'a transform that could select something else',
      { after: replace('2000/09/xmldsig#enveloped-signature', 'TR/1999/REC-xpath-19991116') },
      'signature-algorithm',
    ],
    ['a reference to something else', { after: replace('URI="#_assertion"', 'URI=""') }, 'signature-invalid'],
    ['an ID that is there twice', { after: replace('<samlp:Status>', '<samlp:Status ID="_assertion">') }, 'signature-invalid'],
  ]);
});

describe('signature wrapping (Somorovsky et al. 2012)', () => {
  const wrap = (build: (good: string, evil: string) => string) => (xml: string) => {
    const good = /<saml:Assertion .*<\/saml:Assertion>/s.exec(xml)?.[0] ?? '';
    const unsigned = good.replace(/<ds:Signature .*<\/ds:Signature>/s, '').replace('ada@', 'eve@');
    return xml.replace(good, () => build(good, unsigned.replace('_assertion', '_evil')));
  };
  const signatureOf = (good: string) => /<ds:Signature .*<\/ds:Signature>/s.exec(good)?.[0] ?? '';

  refusals([
    ['a second assertion before the signed one', { after: wrap((good, evil) => evil + good) }, 'assertion-count'],
    ['a second assertion after the signed one', { after: wrap((good, evil) => good + evil) }, 'assertion-count'],
    ['the signed assertion hidden in extensions', { after: wrap((good, evil) => `<samlp:Extensions>${good}</samlp:Extensions>${evil}`) }, 'assertion-count'],
    [
      'the signed assertion inside the forged one',
      { after: wrap((good, evil) => evil.replace('</saml:Assertion>', `${good}</saml:Assertion>`)) },
      'assertion-count',
    ],
    [
      'the signed assertion inside an object of its signature',
      {
        after: wrap((good, evil) =>
          evil.replace('<saml:Subject>', `${signatureOf(good).replace('</ds:Signature>', `<ds:Object>${good}</ds:Object></ds:Signature>`)}<saml:Subject>`),
        ),
      },
      'assertion-count',
    ],
    [
      'a forged assertion with the signature of another',
      { after: wrap((good, evil) => evil.replace('<saml:Subject>', `${signatureOf(good)}<saml:Subject>`)) },
      'signature-invalid',
    ],
    [
      'a forged assertion under the same ID with the signature of another',
      {
        after: wrap((good, evil) => evil.replace('_evil', '_assertion').replace('<saml:Subject>', `${signatureOf(good)}<saml:Subject>`)),
      },
      'signature-invalid',
    ],
    ['two signatures on one assertion', { after: wrap((good) => good.replace('<saml:Subject>', `${signatureOf(good)}<saml:Subject>`)) }, 'signature-invalid'],
    ['an encrypted assertion', { after: wrap(() => '<saml:EncryptedAssertion/>') }, 'encrypted-unsupported'],
    ['a response without an assertion', { after: wrap(() => '') }, 'assertion-count'],
  ]);
});

describe('SAML bindings 3.5: the posted message', () => {
  refusals([
    ['a document type declaration', { after: (xml) => `<!DOCTYPE x>${xml}` }, 'document-type-declaration'],
    ['an entity declaration', { after: (xml) => `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e "eve">]>${xml}` }, 'document-type-declaration'],
    ['a declaration in small letters', { after: (xml) => `<!doctype x>${xml}` }, 'document-type-declaration'],
    ['a processing instruction', { after: replace('<samlp:Status>', '<?php x?><samlp:Status>') }, 'malformed'],
    ['an undeclared entity', { after: replace('Finance', '&e;') }, 'malformed'],
    ['a second root', { after: (xml) => `${xml}<x/>` }, 'malformed'],
    ['XML that is cut off', { after: (xml) => xml.slice(0, -20) }, 'malformed'],
    ['text that is no XML', { after: () => 'hello' }, 'malformed'],
    ['an attribute without quotes', { after: replace('Version="2.0"', 'Version=2.0') }, 'malformed'],
    ['more than 256 KiB', { after: (xml) => `${xml}<!--${'x'.repeat(262_144)}-->` }, 'too-large'],
  ]);

  test('refuses what is not base64 or not UTF-8', async () => {
    await expect(verify('', { samlResponse: '<xml/>' })).rejects.toEqual(refused('malformed'));
    await expect(verify('', { samlResponse: '' })).rejects.toEqual(refused('malformed'));
    await expect(verify('', { samlResponse: Buffer.from([0xff, 0xfe, 0x3c, 0x00]).toString('base64') })).rejects.toEqual(refused('malformed'));
  });

  test('accepts line breaks in the base64 and an XML declaration', async () => {
    const base64 = Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${samlMessage()}`).toString('base64').replace(/.{76}/g, '$&\r\n');
    expect((await verify('', { samlResponse: base64 })).subject).toBe('ada@contoso.example');
  });
});
