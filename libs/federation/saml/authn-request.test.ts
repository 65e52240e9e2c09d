import { inflateRawSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { createAuthnRequest, newRequestId } from './authn-request.ts';
import { attributeOf, elementsOf, parseXml, textOf } from './parse-xml.ts';
import { NOW, PROVIDER, SERVICE_PROVIDER } from './test-messages.ts';

describe('SAML profiles 4.1.3 and bindings 3.4: authentication request by redirect', () => {
  const provider = { ...PROVIDER, ssoUrl: 'https://idp.example/sso?tenant=1' };
  const url = new URL(createAuthnRequest({ serviceProvider: SERVICE_PROVIDER, provider, relayState: '/me?a=1&b=2', id: '_1', now: NOW }).redirectUrl);

  test('keeps the query that the address has and carries the relay state', () => {
    expect([url.searchParams.get('tenant'), url.searchParams.get('RelayState')]).toEqual(['1', '/me?a=1&b=2']);
  });

  test('names the request, where it goes, where the answer is to go, and who asks', () => {
    const request = parseXml(inflateRawSync(Buffer.from(url.searchParams.get('SAMLRequest') ?? '', 'base64')).toString());
    expect(['ID', 'Version', 'IssueInstant', 'Destination', 'AssertionConsumerServiceURL'].map((name) => attributeOf(request, name))).toEqual([
      '_1',
      '2.0',
      NOW,
      provider.ssoUrl,
      SERVICE_PROVIDER.acsUrl,
    ]);
    expect(elementsOf(request).map(textOf)).toEqual([SERVICE_PROVIDER.entityId, '']);
  });

  test('ids are XML ids and do not repeat', () => {
    const ids = Array.from({ length: 100 }, newRequestId);
    expect(new Set(ids).size).toBe(100);
    expect(ids.every((id) => /^_[0-9a-f]{40}$/.test(id))).toBe(true);
  });
});
