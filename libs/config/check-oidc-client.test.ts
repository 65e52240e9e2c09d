import { expect, test } from '@jest/globals';
import { checkOidcClient } from './check-oidc-client.ts';
import type { RawApplication, RawTenure } from './raw-tenure.ts';

type Oidc = Extract<RawApplication, { readonly protocol: 'oidc' }>;
const wiki: Oidc = { protocol: 'oidc', clientId: 'wiki', redirectUris: ['https://wiki.example/callback'] };
const check = (one: Partial<Oidc>, other: Partial<Oidc> = {}) => {
  const applications = { wiki: { ...wiki, ...one }, crm: { ...wiki, clientId: 'crm', ...other } };
  return checkOidcClient(['applications', 'wiki'], 'wiki', applications.wiki, { url: 'https://tenure.example', applications } as RawTenure);
};

test('an application with a client id of its own and other claims is right', () => expect(check({ attributes: { name: 'identity.name' } })).toEqual([]));
test('two applications do not share a client id: one would receive what is meant for the other', () =>
  expect(check({}, { clientId: 'wiki' })).toEqual([
    { path: ['applications', 'wiki', 'clientId'], message: 'is the client id of crm as well; each application needs one of its own' },
  ]));
test.each(['sub', 'iss', 'aud', 'sid', 'acr', 'groups'])('the claim %s is not an attribute: the provider sets it', (claim) =>
  expect(check({ attributes: { [claim]: '"x"' } })).toMatchObject([{ path: ['applications', 'wiki', 'attributes', claim], at: 'key' }]),
);
