import { describe, expect, test } from '@jest/globals';
import { type CacheProvider, SAML, ValidateInResponseTo } from '@node-saml/node-saml';
import { createSigningKey } from '@tenure/testing/identity-providers/self-signed-certificate.ts';
import { logoutRequest, logoutResponse, readLogoutRequest } from './logout.ts';
import { receiveRedirect } from './received-message.ts';
import { redirectQuery, signRedirect } from './redirect-binding.ts';
import { signElement } from './sign-element.ts';
import { readSigningCertificate } from './signing-certificate.ts';
import { KEY, later, NOW } from './test-messages.ts';

/** node-saml as the other side of a logout, in both directions. */
const OTHER = createSigningKey('wiki');
const [TENURE, WIKI] = ['https://tenure.example/idp/saml/metadata', 'https://wiki.example/metadata'];
const [SLO, WIKI_SLO] = ['https://tenure.example/idp/saml/slo', 'https://wiki.example/slo'];
const cacheProvider: CacheProvider = { saveAsync: async () => null, getAsync: async (id) => (id === '_1' ? NOW : null), removeAsync: async () => null };
const wiki = new SAML({
  callbackUrl: 'https://wiki.example/acs',
  issuer: WIKI,
  entryPoint: SLO,
  logoutUrl: SLO,
  idpIssuer: TENURE,
  idpCert: KEY.certificate,
  privateKey: OTHER.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  signatureAlgorithm: 'sha256',
  validateInResponseTo: ValidateInResponseTo.always,
  cacheProvider,
});
const nameId = { value: 'ada<é>', format: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent', nameQualifier: TENURE, spNameQualifier: WIKI };
const byRedirect = (field: 'SAMLRequest' | 'SAMLResponse', xml: string, relayState = 'state') => {
  const query = signRedirect(redirectQuery(field, xml, relayState), KEY.privateKey);
  return [Object.fromEntries(new URLSearchParams(query)), query] as const;
};
const request = logoutRequest({ id: '_2', issuer: TENURE, destination: WIKI_SLO, nameId, sessionIndex: '_s', notOnOrAfter: later(60), now: NOW });

describe('node-saml as the other side of single logout', () => {
  test('sends a request by redirect that is read', async () => {
    const user = { issuer: TENURE, nameID: nameId.value, nameIDFormat: nameId.format, nameQualifier: TENURE, spNameQualifier: WIKI, sessionIndex: '_s' };
    const url = new URL(await wiki.getLogoutUrlAsync(user, 'state', {}));
    const sender = { entityId: WIKI, signingCertificates: [readSigningCertificate(OTHER.certificate)] };
    const read = readLogoutRequest(receiveRedirect(url.search.slice(1)), { sender, destination: SLO, clockSkew: 30_000, now: NOW });
    expect(read).toMatchObject({ nameId, sessionIndexes: ['_s'] });
  });
  test('reads a request by redirect, and refuses it with another relay state', async () => {
    const [container, query] = byRedirect('SAMLRequest', request);
    expect((await wiki.validateRedirectAsync(container, query)).profile).toMatchObject({ nameID: nameId.value, sessionIndex: '_s' });
    const changed = query.replace('RelayState=state', 'RelayState=other');
    await expect(wiki.validateRedirectAsync({ ...container, RelayState: 'other' }, changed)).rejects.toThrow('Invalid');
  });
  test('reads a signed request by form', async () => {
    const xml = signElement(request, { element: 'LogoutRequest', ...KEY });
    expect((await wiki.validatePostRequestAsync({ SAMLRequest: Buffer.from(xml).toString('base64') })).profile).toMatchObject({ nameID: nameId.value });
  });
  test('reads an answer by redirect', async () => {
    const answer = logoutResponse({ id: '_3', issuer: TENURE, destination: WIKI_SLO, inResponseTo: '_1', status: 'success', now: NOW });
    expect(await wiki.validateRedirectAsync(...byRedirect('SAMLResponse', answer))).toMatchObject({ loggedOut: true });
  });
});
