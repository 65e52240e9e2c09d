import type { LocatedProblem, Path } from './yaml-file.ts';

/** Allowed forms of a URL setting. */
export interface AddressForm {
  /** Schemes with their colon, such as `https:`. */
  readonly protocols: readonly string[];
  /** Parts that the setting ignores and that are therefore refused. */
  readonly unused?: readonly ('user' | 'path' | 'query')[];
}

/** Checks a URL setting. Messages leave out its value, which may contain a secret. */
export function checkAddress(path: Path, text: string, { protocols, unused = [] }: AddressForm): LocatedProblem[] {
  const message = brokenAddress(text) ?? wrongAddress(text, protocols) ?? unusedPart(text, unused);
  return message === null ? [] : [{ path, message }];
}

const encodings = '@ as %40, # as %23, % as %25, / as %2F, ? as %3F, : as %3A';

/**
 * Message about a URL that cannot be parsed as it was meant; `null`: it has no such fault. A password that is not percent-encoded breaks a URL:
 * the text after its reserved character is parsed as a host, a path or a fragment.
 */
export function brokenAddress(text: string): string | null {
  const [, authority = '', rest = ''] = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)([\s\S]*)$/i.exec(text) ?? [];
  const hasPassword = authority.includes('@') || /:(?!\d{1,5}$)(?![0-9a-f:.]*\]|$)/i.test(authority);
  if (hasPassword && rest.includes('@')) return `contains a user name or password with reserved characters; percent-encode them: ${encodings}`;
  if (rest.includes('#')) return 'contains a #, and the rest would be ignored; write %23 in a user name, a password or a path';
  if (/%(?![0-9a-f]{2})/i.test(text)) return 'contains a % that encodes nothing; write it as %25';
  return null;
}

function wrongAddress(text: string, protocols: readonly string[]): string | null {
  const url = URL.parse(text);
  if (url === null || !protocols.includes(url.protocol)) return `must be an address that begins with ${protocols.map((each) => `${each}//`).join(' or ')}`;
  if (url.hostname === '') return 'names no host';
  if (!/^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])$/.test(url.hostname)) return 'names a host that is none';
  try {
    for (const part of [url.username, url.password, url.pathname]) decodeURIComponent(part);
    return null;
  } catch {
    return 'contains a percent-encoding that is not UTF-8';
  }
}

function unusedPart(text: string, unused: NonNullable<AddressForm['unused']>): string | null {
  const url = new URL(text);
  if (unused.includes('user') && (url.username !== '' || url.password !== '')) return 'names a user or password, which are not used here; leave them out';
  if (unused.includes('path') && !['', '/'].includes(url.pathname)) return 'has a path, which is not used here; leave it out';
  if (unused.includes('query') && url.search !== '') return 'has a query (?), which is not used here; leave it out';
  return null;
}

/** True if the URL's host is this machine, so that no data crosses a network. */
export function isLocal(text: string): boolean {
  const hostname = URL.parse(text)?.hostname ?? '';
  return hostname === 'localhost' || /^127(?:\.\d{1,3}){3}$/.test(hostname) || hostname === '[::1]';
}
