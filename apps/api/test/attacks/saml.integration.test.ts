import { createPublicKey, X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { SamlRefusal } from '@tenure/federation';
import { type EncryptionOptions, encryptAssertion } from '../../../../libs/federation/saml/test-encryption.ts';
import type { TestSignature } from '../../../../libs/federation/saml/test-signer.ts';
import { createTestApi, type TestApi } from '../api.ts';
import { answer, ask, type Asked, type Entry, type HostileIdp, KEY, type Made, make, OTHER_KEY, OUR_KEY, startHostileIdp } from './hostile-idp.ts';
import { createVisitor, expectAccepted, expectRefused } from './login-attempt.ts';

/**
 * Attacks on SAML logins: one identity provider, which four entries of the configuration trust in different ways. `idp` wants the assertion signed,
 * `around` the response, `both` both; `sealed` may encrypt. After each attack a valid message is accepted.
 */
let api: TestApi;
let idp: HostileIdp;

beforeAll(async () => {
  idp = await startHostileIdp();
  const entry = (name: Entry, more = ''): string =>
    `  ${name}: { protocol: saml, metadata: "${idp.url}/metadata", mayCreate: true, userType: contractor, attributes: { department: "claims.department[0]" }${more} }`;
  api = await createTestApi({
    url: 'https://tenure.example',
    app: { loginRateLimit: 100_000 },
    environment: { SEALED_KEY: OUR_KEY.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() },
    tenureYaml: `
url: http://localhost:4000
attributes: { displayName: { type: string }, department: { type: string }, endDate: { type: instant } }
identityProviders:
${[entry('idp'), entry('around', ', signed: response'), entry('both', ', signed: both'), entry('sealed', ', decryptionKey: "${env:SEALED_KEY}"')].join('\n')}
targets: { crm: { title: CRM, kind: scim, url: "http://127.0.0.1:9/", token: "\${env:CRM_TOKEN}", attributes: { displayName: identity.displayName } } }
`,
  });
});
afterAll(async () => {
  await api?.stop();
  await idp?.stop();
});
beforeEach(() => {
  api.now = new Date().toISOString();
  idp.forget();
});

function replace(from: string | RegExp, to: string): (xml: string) => string {
  return (xml) => {
    const changed = xml.replace(from, () => to);
    if (changed === xml) throw new Error(`nothing to replace: ${from}`);
    return changed;
  };
}
const later = (seconds: number): string => new Date(Date.parse(api.now) + seconds * 1000).toISOString();

/** One attack: its title, the message, and the reason of the refusal. */
type Attack = readonly [title: string, made: Made | ((asked: Asked) => Promise<string>), reason: SamlRefusal, entry?: Entry];
function attacks(rows: readonly Attack[]): void {
  for (const [title, made, reason, entry = 'idp'] of rows)
    test(`refuses ${title}`, async () => {
      const asked = await ask(api, entry);
      await expectRefused(api, await answer(asked, typeof made === 'function' ? await made(asked) : make(asked, made)), reason);
      const again = await ask(api, entry, asked.visitor);
      expectAccepted(await answer(again, make(again)));
      expect(idp.fetched).toEqual([]);
      expect(await subjectsLike('eve')).toEqual([]);
    });
}
async function subjectsLike(part: string): Promise<string[]> {
  const rows = (await api.database.execute('select subject from login_subject where subject like ?', [`%${part}%`])) as { subject: string }[];
  return rows.map(({ subject }) => subject);
}

// Message of the demo's builder, in its parts.
const ASSERTION = /<saml:Assertion .*<\/saml:Assertion>/s;
const SIGNATURE = /<ds:Signature .*?<\/ds:Signature>/s;
const partOf = (xml: string, part: RegExp): string => part.exec(xml)?.[0] ?? '';
const toEve = (xml: string): string => xml.replace('ada-', 'eve-').replace(/ ID="[^"]*"/, ' ID="_evil"');
const inside = (signature: string, what: string): string => signature.replace('</ds:Signature>', `${what}</ds:Signature>`);
const signedWith = (element: string, signature: string): string => element.replace('</saml:Issuer>', `</saml:Issuer>${signature}`);

/** Around a signed assertion: `build` puts together the signed one, its signature, the one without it, and a forgery. */
function wrapAssertion(build: (parts: { signed: string; signature: string; bare: string; evil: string }) => string): Made {
  return {
    after: (xml) => {
      const signed = partOf(xml, ASSERTION);
      const signature = partOf(signed, SIGNATURE);
      const bare = signed.replace(signature, '');
      return xml.replace(signed, () => build({ signed, signature, bare, evil: toEve(bare) }));
    },
  };
}
/** Around a signed response. */
function wrapResponse(build: (parts: { signature: string; bare: string; evil: string }) => string): Made {
  return {
    after: (xml) => {
      const signature = partOf(xml, SIGNATURE);
      const bare = xml.replace(signature, '');
      return build({ signature, bare, evil: toEve(bare.replace(ASSERTION, toEve)) });
    },
  };
}

describe('signature wrapping, the eight shapes (Somorovsky et al., On Breaking SAML, 2012, section 5)', () => {
  attacks([
    [
      'XSW1: the signed response inside the signature of a forged one',
      wrapResponse(({ signature, bare, evil }) => signedWith(evil, inside(signature, bare))),
      'assertion-count',
      'around',
    ],
    [
      'XSW2: the signed response beside its signature in a forged one',
      wrapResponse(({ signature, bare, evil }) => signedWith(evil, bare + signature)),
      'assertion-count',
      'around',
    ],
    ['XSW3: a forged assertion before the signed one', wrapAssertion(({ signed, evil }) => evil + signed), 'assertion-count'],
    [
      'XSW4: the signed assertion in a forged one',
      wrapAssertion(({ signed, evil }) => evil.replace('</saml:Assertion>', `${signed}</saml:Assertion>`)),
      'assertion-count',
    ],
    [
      'XSW5: a forged assertion with the signature, the signed one behind',
      wrapAssertion(({ signature, bare, evil }) => signedWith(evil, signature) + bare),
      'assertion-count',
    ],
    [
      'XSW6: the signed assertion inside the signature of a forged one',
      wrapAssertion(({ signature, bare, evil }) => signedWith(evil, inside(signature, bare))),
      'assertion-count',
    ],
    ['XSW7: a forged assertion in extensions', wrapAssertion(({ signed, evil }) => `<samlp:Extensions>${evil}</samlp:Extensions>${signed}`), 'assertion-count'],
    [
      'XSW8: the signed assertion in an object of the signature of a forged one',
      wrapAssertion(({ signature, bare, evil }) => signedWith(evil, inside(signature, `<ds:Object>${bare}</ds:Object>`))),
      'assertion-count',
    ],
    [
      'a forged assertion under the ID of the signed one, with its signature',
      wrapAssertion(({ signature, evil, bare }) => signedWith(evil.replace('_evil', / ID="([^"]*)"/.exec(bare)?.[1] ?? ''), signature)),
      'signature-invalid',
    ],
    [
      'the signed assertion in an attribute of a forged one',
      wrapAssertion(({ signature, bare, evil }) => signedWith(evil, signature).replace('</saml:AttributeValue>', `${bare}</saml:AttributeValue>`)),
      'assertion-count',
    ],
    [
      'a forged assertion of another namespace beside the signed one',
      wrapAssertion(({ signed, evil }) => evil.replaceAll('saml:Assertion', 'x:Assertion').replace('<x:Assertion', '<x:Assertion xmlns:x="urn:x"') + signed),
      'schema-invalid',
    ],
  ]);
});

describe('SAML core 5.4.1 and 4.1.3.5 of profiles: what has to be signed is', () => {
  const takenFrom = async (asked: Asked): Promise<string> =>
    partOf(make({ ...asked, id: '_another' }, { content: { subject: 'eve@contoso.example' } }), SIGNATURE);
  attacks([
    ['a message without a signature', { sign: [] }, 'signature-missing'],
    ['a message whose signature was removed', { after: replace(SIGNATURE, '') }, 'signature-missing'],
    ['a response whose signature was removed', { after: replace(SIGNATURE, '') }, 'signature-missing', 'around'],
    ['an unsigned assertion in a signed response, where the assertion has to be signed', { sign: ['response'] }, 'signature-missing'],
    ['a signed assertion in an unsigned response, where the response has to be signed', { sign: ['assertion'] }, 'signature-missing', 'around'],
    ['a signed assertion alone, where both have to be signed', { sign: ['assertion'] }, 'signature-missing', 'both'],
    ['a signed response alone, where both have to be signed', { sign: ['response'] }, 'signature-missing', 'both'],
    ['the signature of another assertion', async (asked) => make(asked, { after: replace(SIGNATURE, await takenFrom(asked)) }), 'signature-invalid'],
    [
      'the signatures of response and assertion in each other’s place',
      {
        after: (xml) => {
          const [first = '', second = ''] = xml.match(new RegExp(SIGNATURE, 'gs')) ?? [];
          return xml
            .replace(first, '#1')
            .replace(second, () => first)
            .replace('#1', () => second);
        },
      },
      'signature-invalid',
      'both',
    ],
    [
      'the assertion’s signature in the response’s place',
      {
        sign: ['assertion'],
        after: (xml) => {
          const signature = partOf(xml, SIGNATURE);
          return xml.replace(signature, '').replace('</saml:Issuer>', `</saml:Issuer>${signature}`);
        },
      },
      'signature-invalid',
      'around',
    ],
    [
      'a signed assertion in a response that was changed after it was signed',
      { after: replace('status:Success"/>', 'status:Success"/><samlp:StatusMessage>x</samlp:StatusMessage>') },
      'signature-invalid',
      'both',
    ],
    [
      'another assertion, rightly signed, in a signed response',
      { after: (xml) => xml.replace(ASSERTION, (own) => own.replace('Finance', 'Board')) },
      'signature-invalid',
      'around',
    ],
    ['two signatures on one assertion', { after: (xml) => xml.replace(SIGNATURE, (signature) => signature + signature) }, 'signature-invalid'],
    [
      'a signature where none belongs',
      { after: (xml) => xml.replace('</samlp:Status>', `<samlp:StatusDetail>${partOf(xml, SIGNATURE)}</samlp:StatusDetail></samlp:Status>`) },
      'signature-invalid',
    ],
    ['a changed attribute', { after: replace('Finance', 'Board') }, 'signature-invalid'],
    ['a changed name', { after: replace('ada-', 'eve-') }, 'signature-invalid'],
  ]);
});

describe('SAML core 5.4.2 to 5.4.5 and XML Signature 4.3: what a signature may say', () => {
  const signedInfo = (from: string | RegExp, to: string): Made => ({ signature: { changeSignedInfo: replace(from, to) } });
  const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#';
  const enveloped = '<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>';
  const xpath =
    '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>not(ancestor-or-self::ds:Signature)</ds:XPath></ds:Transform>';
  attacks([
    ['a second reference', signedInfo(/(<ds:Reference .*<\/ds:Reference>)/, '<ds:Reference URI="#_x"/><ds:Reference URI="#_y"/>'), 'schema-invalid'],
    [
      'a second, whole reference',
      { signature: { changeSignedInfo: (xml) => xml.replace(/<ds:Reference .*<\/ds:Reference>/s, (reference) => reference + reference) } },
      'signature-invalid',
    ],
    ['a reference to the whole document', signedInfo(/URI="[^"]*"/, 'URI=""'), 'signature-invalid'],
    ['a reference by XPointer', signedInfo(/URI="#([^"]*)"/, `URI="#xpointer(/)"`), 'signature-invalid'],
    ['a reference to somewhere else', { signature: { changeSignedInfo: (xml) => xml.replace(/URI="[^"]*"/, `URI="${idp.url}/x"`) } }, 'signature-invalid'],
    ['no transform', { signature: { transforms: '' } }, 'schema-invalid'],
    ['only the enveloped-signature transform', { signature: { transforms: enveloped } }, 'signature-algorithm'],
    ['an XPath transform', { signature: { transforms: `${xpath}<ds:Transform Algorithm="${exclusive}"/>` } }, 'signature-algorithm'],
    ['three transforms', { signature: { transforms: `${enveloped}${enveloped}<ds:Transform Algorithm="${exclusive}"/>` } }, 'signature-algorithm'],
    [
      'an XSLT transform',
      { signature: { transforms: `${enveloped}<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"/>` } },
      'signature-algorithm',
    ],
    [
      'inclusive canonicalization',
      signedInfo(new RegExp(`Method Algorithm="${exclusive}"`), 'Method Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"'),
      'signature-algorithm',
    ],
    ['canonicalization with comments, and a comment', { signature: { withComments: true }, before: replace('ada-', 'ada<!-- -->-') }, 'signature-algorithm'],
    ['SHA-1 as the signature’s digest', { signature: { algorithm: 'rsa-sha1' } }, 'signature-algorithm'],
    ['SHA-1 as the reference’s digest', { signature: { digest: 'sha1' } }, 'signature-algorithm'],
    ['an HMAC under the certificate', { signature: { algorithm: 'hmac-sha256', hmacKey: KEY.certificate } }, 'signature-algorithm'],
    [
      'an HMAC under the public key, PEM',
      { signature: { algorithm: 'hmac-sha256', hmacKey: createPublicKey(KEY.privateKey).export({ type: 'spki', format: 'pem' }).toString() } },
      'signature-algorithm',
    ],
    [
      'an HMAC under the public key, DER',
      { signature: { algorithm: 'hmac-sha256', hmacKey: createPublicKey(KEY.privateKey).export({ type: 'spki', format: 'der' }) } },
      'signature-algorithm',
    ],
    [
      'an HMAC under the certificate’s bytes',
      { signature: { algorithm: 'hmac-sha256', hmacKey: new X509Certificate(KEY.certificate).raw } },
      'signature-algorithm',
    ],
    ['an algorithm that the key is not made for', { after: replace('xmldsig-more#rsa-sha256', 'xmldsig-more#ecdsa-sha256') }, 'signature-invalid'],
    ['a key that the metadata does not list', { key: OTHER_KEY }, 'signature-key-unknown'],
    ['such a key without its name', { key: OTHER_KEY, signature: { keyInfo: '' } }, 'signature-invalid'],
    ['such a key under the name of one that is listed', { key: { ...OTHER_KEY, certificate: KEY.certificate } }, 'signature-invalid'],
    [
      'such a key that brings itself along',
      {
        key: OTHER_KEY,
        signature: {
          keyInfo: `<ds:KeyInfo><ds:KeyValue><ds:RSAKeyValue><ds:Modulus>${modulus(OTHER_KEY)}</ds:Modulus><ds:Exponent>AQAB</ds:Exponent></ds:RSAKeyValue></ds:KeyValue></ds:KeyInfo>`,
        },
      },
      'signature-invalid',
    ],
    [
      'a key to be fetched',
      { key: OTHER_KEY, signature: { keyInfo: '<ds:KeyInfo><ds:RetrievalMethod URI="http://127.0.0.1:9/key"/></ds:KeyInfo>' } },
      'signature-invalid',
    ],
    ['a digest with a comment in it', { after: replace('<ds:DigestValue>', '<ds:DigestValue><!-- -->') }, 'signature-invalid'],
    [
      'the ID of the assertion on another element',
      { after: (xml) => xml.replace('<saml:Subject>', `<saml:Subject ID="${/<saml:Assertion [^>]* ID="([^"]*)"/.exec(xml)?.[1]}">`) },
      'signature-invalid',
    ],
  ]);

  test.each<[string, Partial<TestSignature>]>([
    ['RSA-SHA384', { algorithm: 'rsa-sha384', digest: 'sha384' }],
    ['RSA-SHA512', { algorithm: 'rsa-sha512', digest: 'sha512' }],
    ['RSA-PSS with SHA-256', { algorithm: 'rsa-pss-sha256' }],
    ['RSA-PSS with SHA-512', { algorithm: 'rsa-pss-sha512', digest: 'sha512' }],
    ['canonicalization with comments where there is none', { withComments: true }],
    ['no key info', { keyInfo: '' }],
  ])('accepts %s', async (_title, signature) => {
    const asked = await ask(api, 'both');
    expectAccepted(await answer(asked, make(asked, { signature })));
  });
});

function modulus({ privateKey }: typeof KEY): string {
  return Buffer.from(createPublicKey(privateKey).export({ format: 'jwk' }).n ?? '', 'base64url').toString('base64');
}

describe('SAML core 2.2 and XML 1.0: what is between the characters of a name', () => {
  test('a comment that the provider signed, or somebody put in later, cuts no name short', async () => {
    const asked = await ask(api, 'idp');
    expectAccepted(
      await answer(asked, make(asked, { content: { subject: 'ada@x.example' }, before: replace('ada@x.example', 'ada@x.example<!-- -->.evil.example') })),
    );
    const later = await ask(api, 'idp');
    expectAccepted(
      await answer(later, make(later, { content: { subject: 'ada@x.example.other' }, after: replace('ada@x.example.other', 'ada@x.example<!-- -->.other') })),
    );
    expect((await subjectsLike('ada@x.example')).sort()).toEqual(['ada@x.example.evil.example', 'ada@x.example.other']);
  });

  test('a CDATA section is text like other text', async () => {
    const asked = await ask(api, 'idp');
    expectAccepted(await answer(asked, make(asked, { content: { subject: 'cdata-name' }, after: replace('cdata-name', '<![CDATA[cdata]]>-name') })));
    expect(await subjectsLike('cdata')).toEqual(['cdata-name']);
  });

  const doctype = (declarations: string) => (xml: string) => `<!DOCTYPE samlp:Response [${declarations}]>${xml}`;
  const lots = Array.from({ length: 12 }, (_, index) => `<!ENTITY e${index + 1} "${`&e${index};`.repeat(10)}">`).join('');
  attacks([
    ['an entity in the name', { after: (xml) => doctype('<!ENTITY e "eve">')(xml.replace('ada-', '&e;-')) }, 'document-type-declaration'],
    ['an entity in a name that was signed with it', { before: (xml) => xml, after: doctype('<!ENTITY e "eve">') }, 'document-type-declaration'],
    [
      'an external entity',
      async (asked) => make(asked, { after: (xml) => doctype(`<!ENTITY e SYSTEM "${idp.url}/entity">`)(xml.replace('ada-', '&e;-')) }),
      'document-type-declaration',
    ],
    ['an external document type', async (asked) => `<!DOCTYPE x SYSTEM "${idp.url}/dtd">${make(asked)}`, 'document-type-declaration'],
    ['a parameter entity', async (asked) => make(asked, { after: doctype(`<!ENTITY % p SYSTEM "${idp.url}/p"> %p;`) }), 'document-type-declaration'],
    ['a billion laughs', { after: (xml) => doctype(`<!ENTITY e0 "ha">${lots}`)(xml.replace('Finance', '&e12;')) }, 'document-type-declaration'],
    ['an attribute of type ID by declaration', { after: doctype('<!ATTLIST saml:Subject x ID #IMPLIED>') }, 'document-type-declaration'],
    ['an entity that nobody declared', { after: replace('ada-', '&e;-') }, 'malformed'],
    ['a processing instruction', { after: replace('ada-', '<?x y?>ada-') }, 'malformed'],
    [
      'XInclude',
      { after: replace('Finance', '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="http://127.0.0.1/" parse="text"/>') },
      'schema-invalid',
    ],
  ]);

  test('a hint where schemas lie is not followed', async () => {
    const asked = await ask(api, 'idp');
    const hint = `xsi:schemaLocation="urn:oasis:names:tc:SAML:2.0:assertion ${idp.url}/x.xsd" xsi:noNamespaceSchemaLocation="${idp.url}/y.xsd"`;
    expectAccepted(await answer(asked, make(asked, { before: replace('<saml:Assertion ', `<saml:Assertion ${hint} `) })));
    expect(idp.fetched).toEqual([]);
  });
});

describe('SAML profiles 4.1.4.3: for us, now, from there, in answer to this', () => {
  attacks([
    ['an assertion for another audience', { content: { audience: 'https://elsewhere.example' } }, 'wrong-audience'],
    ['an assertion for another entry of ours', { content: { audience: 'https://tenure.example/saml/around/metadata' } }, 'wrong-audience'],
    ['an assertion for nobody in particular', { before: replace(/<saml:AudienceRestriction>.*<\/saml:AudienceRestriction>/, '') }, 'wrong-audience'],
    ['an assertion for another recipient', { before: replace(/Recipient="[^"]*"/, 'Recipient="https://elsewhere.example/acs"') }, 'wrong-recipient'],
    ['a response to another address', { before: replace(/Destination="[^"]*"/, 'Destination="https://elsewhere.example/acs"') }, 'wrong-destination'],
    ['a response of another issuer', { before: replace(/<saml:Issuer>[^<]*/, '<saml:Issuer>https://evil.example') }, 'wrong-issuer'],
    ['an assertion of another issuer', { before: replace(/(?<=<saml:Assertion .*<saml:Issuer>)[^<]*/, 'https://evil.example') }, 'wrong-issuer'],
    ['an issuer with something after it', { before: replace(/(?<=<saml:Assertion .*)<\/saml:Issuer>/, '.evil.example</saml:Issuer>') }, 'wrong-issuer'],
    ['an assertion that has expired', { content: { lifetime: -31_000 } }, 'assertion-expired'],
    [
      'an assertion that is not valid yet',
      async (asked) => make(asked, { before: replace(/NotBefore="[^"]*"/, `NotBefore="${later(31)}"`) }),
      'assertion-not-yet-valid',
    ],
    [
      'a confirmation that is not valid yet',
      async (asked) => make(asked, { before: replace('<saml:SubjectConfirmationData ', `<saml:SubjectConfirmationData NotBefore="${later(31)}" `) }),
      'assertion-not-yet-valid',
    ],
    [
      'a session that is over',
      async (asked) => make(asked, { before: replace('<saml:AuthnStatement ', `<saml:AuthnStatement SessionNotOnOrAfter="${later(-31)}" `) }),
      'session-expired',
    ],
    ['a confirmation by somebody who holds a key', { before: replace('cm:bearer', 'cm:holder-of-key') }, 'subject-confirmation-missing'],
    ['a failure with an assertion', { before: replace('status:Success', 'status:Requester') }, 'status-not-success'],
    [
      'a condition by another type',
      { before: replace('</saml:Conditions>', '<saml:Condition xsi:type="saml:OneTimeUseType"/></saml:Conditions>') },
      'condition-unknown',
    ],
  ]);

  test('a response is taken once, and only where it was asked for', async () => {
    const [asked, other] = [await ask(api, 'idp'), await ask(api, 'idp')];
    const xml = make(asked);
    await expectRefused(api, await answer({ ...other, visitor: other.visitor }, xml), 'request-of-another-browser');
    await expectRefused(api, await answer({ entry: 'idp', visitor: createVisitor(api) }, xml), 'request-of-another-browser');
    expectAccepted(await answer(asked, xml));
    await expectRefused(api, await answer(asked, xml), /request|replayed/);
    expectAccepted(await answer(other, make(other)));
  });

  test('a response to one login does not answer another of the same browser', async () => {
    const visitor = createVisitor(api);
    const [first, second] = [await ask(api, 'idp', visitor), await ask(api, 'idp', visitor)];
    const crossed = make(first, { before: (xml) => xml.replace(/(?<=<samlp:Response [^>]*InResponseTo=")[^"]*/, second.id) });
    await expectRefused(api, await answer(first, crossed), 'in-response-to-mismatch');
    expectAccepted(await answer(second, make(second)));
  });
});

describe('XML Encryption 1.1, 5.2 and 5.5: encrypted assertions', () => {
  const sealed = (options: EncryptionOptions = {}, key = OUR_KEY): Made => ({ between: (xml) => encryptAssertion(xml, key, options) });
  attacks([
    ['one where none is configured', sealed(), 'encrypted-unsupported'],
    ['AES-CBC', sealed({ cipher: 'aes-256-cbc' }), 'encryption-algorithm', 'sealed'],
    ['PKCS #1 v1.5', sealed({ transport: 'rsa-1_5' }), 'encryption-algorithm', 'sealed'],
    ['one for another key', sealed({}, KEY), 'decryption-failed', 'sealed'],
    ['one that is unsigned inside', { ...sealed(), sign: [] }, 'signature-missing', 'sealed'],
    ['one that is signed around but not inside', { ...sealed(), sign: ['response'] }, 'signature-missing', 'sealed'],
    ['one by a key that the metadata does not list', { ...sealed(), key: OTHER_KEY }, 'signature-key-unknown', 'sealed'],
    ['one for another audience', { ...sealed(), content: { audience: 'https://elsewhere.example' } }, 'wrong-audience', 'sealed'],
    [
      'one beside a plain one',
      {
        between: (xml) =>
          xml.replace(
            '</samlp:Response>',
            `${partOf(encryptAssertion(xml, OUR_KEY), /<saml:EncryptedAssertion .*<\/saml:EncryptedAssertion>/s)}</samlp:Response>`,
          ),
      },
      'assertion-count',
      'sealed',
    ],
    [
      'an encrypted name',
      {
        before: replace(
          /<saml:NameID.*<\/saml:NameID>/,
          '<saml:EncryptedID><xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#"><xenc:CipherData><xenc:CipherValue>AAAA</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData></saml:EncryptedID>',
        ),
      },
      'encrypted-unsupported',
      'sealed',
    ],
  ]);

  test.each<[string, EncryptionOptions]>([
    ['AES-256-GCM', {}],
    ['AES-128-GCM, RSA-OAEP with SHA-256', { cipher: 'aes-128-gcm', transport: 'rsa-oaep', hash: 'sha256', mask: 'sha256' }],
  ])('accepts %s where it is configured', async (_title, options) => {
    const asked = await ask(api, 'sealed');
    expectAccepted(await answer(asked, make(asked, sealed(options))));
  });
});

describe('SAML bindings 3.5: the posted form', () => {
  test.each<[string, (xml: string) => string, SamlRefusal | RegExp]>([
    ['something that is not base64', (xml) => xml, /malformed|idp-initiated/],
    ['something that is not UTF-8', (xml) => Buffer.from(`\ufeff${xml}`, 'utf16le').toString('base64'), /malformed|idp-initiated/],
    ['another encoding by declaration', (xml) => Buffer.from(`<?xml version="1.0" encoding="UTF-16"?>${xml}`).toString('base64'), 'malformed'],
    ['XML 1.1', (xml) => Buffer.from(`<?xml version="1.1"?>${xml}`).toString('base64'), 'malformed'],
    ['more than 256 KiB', (xml) => Buffer.from(`${xml}<!--${'x'.repeat(262_144)}-->`).toString('base64'), 'too-large'],
    ['250,000 characters of nothing but elements', (xml) => Buffer.from(xml.replace('Finance', '<x/>'.repeat(60_000))).toString('base64'), 'too-large'],
    ['elements a thousand deep', (xml) => Buffer.from(xml.replace('Finance', `${'<x>'.repeat(1000)}${'</x>'.repeat(1000)}`)).toString('base64'), 'malformed'],
    ['a second message after the first', (xml) => Buffer.from(xml + xml).toString('base64'), 'malformed'],
  ])('refuses %s', async (_title, encode, reason) => {
    const asked = await ask(api, 'idp');
    await expectRefused(api, await asked.visitor.post('/saml/idp/acs', new URLSearchParams({ SAMLResponse: encode(make(asked)) })), reason);
    const again = await ask(api, 'idp', asked.visitor);
    expectAccepted(await answer(again, make(again)));
  });
});
