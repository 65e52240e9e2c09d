import type { LookupAddress } from 'node:dns';
import { describe, expect, test } from '@jest/globals';
import { guardedLookup, leadsInside, reachOf, refusedAddress, type Resolve } from './outbound-address.ts';
import { ProviderUnreachable, providerFetch } from './provider-fetch.ts';

/** Names and addresses for the tests. */
const names: Readonly<Record<string, readonly string[]>> = {
  'login.internet.example': ['203.0.113.7'],
  'login.corp.example': ['10.1.2.3'],
  'inward.internet.example': ['203.0.113.8', '10.9.9.9'],
  'rebound.internet.example': ['127.0.0.1'],
  'mapped.internet.example': ['::ffff:127.0.0.1'],
  'cloud.internet.example': ['169.254.169.254'],
  localhost: ['127.0.0.1'],
};
const resolve: Resolve = (hostname, _options, done) => {
  const found = names[hostname];
  if (found === undefined) done(new Error('unknown'), []);
  else
    done(
      null,
      found.map((address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
};
const leadsTo = (hostname: string, reach: 'own-network' | 'internet') =>
  new Promise<string | null>((done) => guardedLookup(reach, resolve)(hostname, { all: true }, (error) => done(error === null ? hostname : null)));
const internet = new URL('https://login.internet.example');

describe('SSRF: an address in tenure.yaml', () => {
  test.each(['https://login.internet.example/', 'https://10.1.2.3/', 'http://127.0.0.1:8080/', 'http://localhost:8080/'])('%s is accepted', (address) => {
    expect(refusedAddress(new URL(address))).toBeNull();
  });

  test.each([
    'http://login.internet.example/',
    'https://169.254.169.254/latest/meta-data/',
    'https://[fd00:ec2::254]/',
    'https://0.0.0.0/',
    'https://2852039166/', // 169.254.169.254 as one number
    'https://user:password@login.internet.example/',
    'file:///etc/passwd',
    'ftp://login.internet.example/',
  ])('%s is refused', (address) => {
    expect(refusedAddress(new URL(address))).not.toBeNull();
  });
});

describe('SSRF: addresses that stand for others, and where clouds keep their secrets', () => {
  const elsewhere = [
    '[64:ff9b::a9fe:a9fe]', // NAT64 of 169.254.169.254
    '[64:ff9b::169.254.169.254]',
    '[64:ff9b:1::a9fe:a9fe]',
    '[64:ff9b:1:a9fe:a9:fe00::]',
    '[2002:a9fe:a9fe::1]', // 6to4
    '[2001::f5f5:5601]', // Teredo
    '[2001:0:a9fe:a9fe::1]',
    '[::ffff:169.254.169.254]',
    '[::ffff:0:a9fe:a9fe]',
    '[::a9fe:a9fe]',
    '[2001:db8::5efe:a9fe:a9fe]', // ISATAP
    '[2001:db8::200:5efe:a9fe:a9fe]',
    '[fd00:ec2::254]',
    '[fd00:ec2::23]',
    '[fd20:ce::254]',
    '[fe80::1]',
    '[fec0::1]',
    '169.254.170.2',
    '100.100.100.200',
    '168.63.129.16',
    '192.0.0.192',
    '192.88.99.1',
    '0.0.0.0',
    '0251.0376.0251.0376',
    '0xa9fea9fe',
    'metadata.google.internal',
    'METADATA.google.internal.',
    'metadata.goog',
    'metadata',
    'instance-data.ec2.internal',
  ];
  test.each(elsewhere)('https://%s/ is refused', (host) => {
    expect(refusedAddress(new URL(`https://${host}/`))).not.toBeNull();
  });

  test.each(elsewhere.filter((host) => host.startsWith('[') || (/^[\d.]+$/.test(host) && !host.startsWith('0251'))))(
    'a name that leads to %s leads nowhere',
    async (host) => {
      const address = host.replace(/^\[|\]$/g, '');
      const to: Resolve = (_hostname, _options, done) => done(null, [{ address, family: address.includes(':') ? 6 : 4 }]);
      expect(await new Promise((done) => guardedLookup('own-network', to)('login.internet.example', { all: true }, (error) => done(error !== null)))).toBe(
        true,
      );
    },
  );

  test('names of clouds are not even looked up', async () => {
    const never: Resolve = () => {
      throw new Error('looked up');
    };
    for (const name of ['metadata.google.internal', 'Metadata.Goog.', 'instance-data'])
      expect(await new Promise((done) => guardedLookup('own-network', never)(name, { all: true }, (error) => done(error !== null)))).toBe(true);
  });

  test('this machine and the own network are known however they are wrapped', async () => {
    for (const host of ['[::ffff:127.0.0.1]', '[64:ff9b::7f00:1]', '[::7f00:1]'])
      expect([host, refusedAddress(new URL(`https://${host}/`), internet) !== null]).toEqual([host, true]);
    for (const host of ['[64:ff9b::a00:1]', '[::ffff:10.0.0.1]', '[64:ff9b::c0a8:101]'])
      expect([host, leadsInside(new URL(`https://${host}/`))]).toEqual([host, true]);
  });

  test('a provider on the internet is reached through NAT64 too', async () => {
    const to: Resolve = (_hostname, _options, done) => done(null, [{ address: '64:ff9b::cb00:7107', family: 6 }]);
    expect(await new Promise((done) => guardedLookup('internet', to)('login.internet.example', { all: true }, (error) => done(error)))).toBeNull();
  });
});

describe("SSRF: an address that a provider's document names", () => {
  test.each([
    'https://localhost:7233/',
    'https://127.0.0.1/',
    'http://127.0.0.1:9200/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'http://login.internet.example/token',
  ])('of a provider elsewhere does not lead to this machine: %s', (address) => {
    expect(refusedAddress(new URL(address), internet)).not.toBeNull();
  });

  test('may be another host on the internet, as with the largest providers', () => {
    expect(refusedAddress(new URL('https://keys.internet.example/'), internet)).toBeNull();
  });

  test('reaches into the own network only from a provider that is there', async () => {
    const inside = new URL('https://10.0.0.5/jwks');
    expect([await reachOf(inside, internet, resolve), leadsInside(inside)]).toEqual(['internet', true]);
    expect(await reachOf(inside, new URL('https://login.corp.example'), resolve)).toBe('own-network');
    // A provider that is on the internet too does not count as one of the own network.
    expect(await reachOf(inside, new URL('https://inward.internet.example'), resolve)).toBe('internet');
    // A name that cannot be resolved allows nothing.
    expect(await reachOf(inside, new URL('https://gone.example'), resolve)).toBe('internet');
  });

  test('is judged by what its name leads to at the moment of connecting', async () => {
    expect(await leadsTo('login.internet.example', 'internet')).not.toBeNull();
    expect(await leadsTo('login.corp.example', 'own-network')).not.toBeNull();
    expect(await leadsTo('localhost', 'own-network')).not.toBeNull();
    expect(await leadsTo('login.corp.example', 'internet')).toBeNull();
    expect(await leadsTo('inward.internet.example', 'internet')).toBeNull();
    for (const hostname of ['rebound.internet.example', 'mapped.internet.example', 'cloud.internet.example'])
      expect(await leadsTo(hostname, 'own-network')).toBeNull();
  });

  test('is refused before anything is sent', async () => {
    const home = 'https://192.0.2.1/'; // TEST-NET-1: on nobody's network
    for (const address of ['https://127.0.0.1:1/', 'https://10.0.0.5/', 'https://[fd00::5]/jwks'])
      await expect(providerFetch(address, { home })).rejects.toThrow(ProviderUnreachable);
  });
});
