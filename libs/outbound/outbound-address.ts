import { lookup as dnsLookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { BlockList, isIP } from 'node:net';

type LookupDone = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;
type Lookup = (hostname: string, options: LookupOptions, done: LookupDone) => void;
/** Function that resolves all addresses of a name. */
export type Resolve = (hostname: string, options: LookupOptions & { all: true }, done: (error: Error | null, addresses: LookupAddress[]) => void) => void;

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/**
 * Addresses to which Tenure never connects: a name that resolves to one is an attempt to reach our own machine, or the secrets of its cloud. From
 * IANA's registries of special-purpose addresses (RFC 6890), and the documentation of clouds.
 */
const NOWHERE = new BlockList();
NOWHERE.addSubnet('0.0.0.0', 8, 'ipv4');
NOWHERE.addSubnet('169.254.0.0', 16, 'ipv4'); // metadata of most clouds
NOWHERE.addSubnet('192.0.0.0', 24, 'ipv4'); // among them 192.0.0.192, metadata of Oracle
NOWHERE.addSubnet('192.88.99.0', 24, 'ipv4'); // relays of 6to4
NOWHERE.addSubnet('224.0.0.0', 3, 'ipv4');
NOWHERE.addAddress('100.100.100.200', 'ipv4'); // metadata of Alibaba
NOWHERE.addAddress('168.63.129.16', 'ipv4'); // Azure's own services
NOWHERE.addAddress('::', 'ipv6');
NOWHERE.addSubnet('64:ff9b:1::', 48, 'ipv6'); // NAT64 local to a network (RFC 8215): the address inside is unknown
NOWHERE.addSubnet('100::', 64, 'ipv6');
NOWHERE.addSubnet('2001::', 32, 'ipv6'); // Teredo
NOWHERE.addSubnet('2002::', 16, 'ipv6'); // 6to4
NOWHERE.addSubnet('fd00:ec2::', 32, 'ipv6'); // metadata and credentials of Amazon
NOWHERE.addAddress('fd20:ce::254', 'ipv6'); // metadata of Google
NOWHERE.addSubnet('fe80::', 10, 'ipv6');
NOWHERE.addSubnet('fec0::', 10, 'ipv6');
NOWHERE.addSubnet('ff00::', 8, 'ipv6');

/** Names at which clouds serve their secrets, refused for every address. */
const METADATA_NAMES: ReadonlySet<string> = new Set([
  'metadata',
  'metadata.google.internal',
  'metadata.goog',
  'instance-data',
  'instance-data.ec2.internal',
  'metadata.azure.internal',
  'metadata.tencentyun.com',
  'metadata.packet.net',
  'metadata.platformequinix.com',
]);

/** Addresses of a company's own network (RFC 1918, RFC 6598, RFC 2544, RFC 4193). */
const OWN_NETWORK = new BlockList();
OWN_NETWORK.addSubnet('10.0.0.0', 8, 'ipv4');
OWN_NETWORK.addSubnet('172.16.0.0', 12, 'ipv4');
OWN_NETWORK.addSubnet('192.168.0.0', 16, 'ipv4');
OWN_NETWORK.addSubnet('100.64.0.0', 10, 'ipv4');
OWN_NETWORK.addSubnet('198.18.0.0', 15, 'ipv4');
OWN_NETWORK.addSubnet('fc00::', 7, 'ipv6');

/** True if a URL's host is this machine, written as such (`localhost` or a loopback address). */
export function isLoopbackHost(hostname: string): boolean {
  const host = bare(hostname);
  return host === 'localhost' || contains(LOOPBACK, host);
}

/**
 * Checks the address of a provider or webhook: https, or http on the loopback address (development). Addresses of a company's own network are
 * allowed, since many of them are there.
 * @param home address in the configuration from which this address was discovered; only one on this machine may lead to this machine
 * @returns the problem, or null
 */
export function refusedAddress(url: URL, home: URL = url): string | null {
  const loopback = isLoopbackHost(url.hostname);
  if (loopback && !isLoopbackHost(home.hostname)) return 'an address elsewhere does not lead to this machine';
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && loopback)) return 'only https is accepted (http only for loopback addresses)';
  if (url.username || url.password) return 'an address with a user name or password is not accepted';
  if (isMetadataName(url.hostname) || contains(NOWHERE, bare(url.hostname))) return 'nobody can be at this address whom we should speak to';
  return null;
}

const refusedName = { code: 'ADDRESS_REFUSED' } as const;

/**
 * Creates the DNS lookup for connections to providers and webhooks. Addresses are checked at the moment of connecting, so that a name that changes
 * its address between check and use gains nothing: a name other than localhost must not lead to this machine.
 * @param reach `internet`: a name must not lead into the own network either
 */
export function guardedLookup(reach: 'own-network' | 'internet', resolve: Resolve = dnsLookup): Lookup {
  return (hostname, options, done) => {
    if (isMetadataName(hostname)) return done(new Error('the name leads to an address that we should not speak to'), []);
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error, []);
      const bad = addresses.some(
        ({ address }) =>
          contains(NOWHERE, address) || (hostname !== 'localhost' && contains(LOOPBACK, address)) || (reach === 'internet' && contains(OWN_NETWORK, address)),
      );
      const [first] = addresses;
      if (bad || first === undefined) return done(Object.assign(new Error('the name leads to an address that we should not speak to'), refusedName), []);
      if (options.all) done(null, addresses);
      else done(null, first.address, first.family);
    });
  };
}

/**
 * Returns the reach of an address that was discovered in a provider's document: a provider on the internet must not name addresses in our own
 * network, while one in our own network may name both.
 */
export async function reachOf(url: URL, home: URL, resolve: Resolve = dnsLookup): Promise<'own-network' | 'internet'> {
  if (url.hostname === home.hostname || isLoopbackHost(home.hostname)) return 'own-network';
  const addresses = await new Promise<readonly string[]>((done) =>
    resolve(bare(home.hostname), { all: true }, (error, found) => done(error ? [] : found.map(({ address }) => address))),
  );
  return addresses.length > 0 && addresses.every((address) => contains(OWN_NETWORK, address)) ? 'own-network' : 'internet';
}

/** True if a literal address is in the own network. It is not looked up, so it is checked before. */
export function leadsInside(url: URL): boolean {
  return contains(OWN_NETWORK, bare(url.hostname));
}

function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '');
}

function isMetadataName(hostname: string): boolean {
  return METADATA_NAMES.has(hostname.toLowerCase().replace(/\.$/, ''));
}

function contains(list: BlockList, address: string): boolean {
  const family = isIP(address);
  if (family === 0) return false;
  if (list.check(address, family === 6 ? 'ipv6' : 'ipv4')) return true;
  const inside = family === 6 ? insideOf(address) : null;
  return inside !== null && list.check(inside, 'ipv4');
}

/** Prefixes of 96 bits that an IPv4 address follows: compatible, mapped and translated (RFC 4291, RFC 7915), NAT64 (RFC 6052). */
const WRAPPERS: readonly string[] = ['0:0:0:0:0:0', '0:0:0:0:0:ffff', '0:0:0:0:ffff:0', '64:ff9b:0:0:0:0'];

/** IPv4 address within an IPv6 address; `null`: none. */
function insideOf(address: string): string | null {
  const groups = groupsOf(address);
  const [high = 0, low = 0] = groups.slice(6);
  // ISATAP (RFC 5214) has it in the same place, after any prefix.
  const isWrapped =
    WRAPPERS.includes(
      groups
        .slice(0, 6)
        .map((group) => group.toString(16))
        .join(':'),
    ) ||
    (groups[5] === 0x5efe && ((groups[4] ?? 0) & 0xfdff) === 0);
  return isWrapped ? [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.') : null;
}

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): readonly number[] {
  const [before = '', after] = new URL(`http://[${address.split('%')[0]}]`).hostname.slice(1, -1).split('::');
  const numbers = (text: string): number[] => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)));
  const [start, end] = [numbers(before), numbers(after ?? '')];
  return [...start, ...Array<number>(after === undefined ? 0 : 8 - start.length - end.length).fill(0), ...end];
}
