import { lookup as dnsLookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { BlockList, isIP } from 'node:net';

type LookupDone = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Where no identity provider can be: a name that leads there is a trick to make us talk to our own machine or its cloud. */
const NOWHERE = new BlockList();
NOWHERE.addSubnet('0.0.0.0', 8, 'ipv4');
NOWHERE.addSubnet('169.254.0.0', 16, 'ipv4');
NOWHERE.addSubnet('224.0.0.0', 3, 'ipv4');
NOWHERE.addAddress('::', 'ipv6');
NOWHERE.addAddress('fd00:ec2::254', 'ipv6');
NOWHERE.addSubnet('fe80::', 10, 'ipv6');
NOWHERE.addSubnet('ff00::', 8, 'ipv6');

/** Whether a URL's host is this machine, written down as such (`localhost` or a loopback address). */
export function isLoopbackHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  return host === 'localhost' || contains(LOOPBACK, host);
}

/**
 * Whether an identity provider may be spoken to at this address: https, or http on the loopback address (development).
 * Addresses of a company's own network are fine: that is where many identity providers are.
 * @returns what is wrong with it, or null
 */
export function refusedAddress(url: URL): string | null {
  const loopback = isLoopbackHost(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && loopback)) return 'only https is accepted (http only for loopback addresses)';
  if (url.username || url.password) return 'an address with a user name or password is not accepted';
  if (contains(NOWHERE, url.hostname.replace(/^\[|\]$/g, ''))) return 'the address is not one of an identity provider';
  return null;
}

/**
 * DNS for connections to identity providers. Judged at the moment of connecting, so that a name which changes its address between
 * check and use gains nothing: a name other than localhost must not lead to this machine.
 */
export function guardedLookup(hostname: string, options: LookupOptions, done: LookupDone): void {
  dnsLookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return done(error, []);
    const bad = addresses.some(({ address }) => contains(NOWHERE, address) || (hostname !== 'localhost' && contains(LOOPBACK, address)));
    const [first] = addresses;
    if (bad || first === undefined) return done(new Error('the name leads to an address that no identity provider has'), []);
    if (options.all) done(null, addresses);
    else done(null, first.address, first.family);
  });
}

function contains(list: BlockList, address: string): boolean {
  const family = isIP(address);
  return family !== 0 && list.check(address, family === 6 ? 'ipv6' : 'ipv4');
}
