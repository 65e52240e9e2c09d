/** Place of a reference in a text, which determines how its value is encoded. */
export type Place = 'text' | 'user' | 'host' | 'path' | 'name';

/** Settings that are distinguished names. */
const distinguished: ReadonlySet<unknown> = new Set(['bindDn', 'people', 'groups', 'group']);

/**
 * Returns the place within an address (RFC 3986 section 3) or a distinguished name. A text that begins with no scheme is no address.
 * @param setting the last step of the path to it
 * @param before the text up to the reference, filled in
 * @param after the rest, as it is written
 */
export function placeOf(setting: unknown, before: string, after: string): Place {
  // After the `=` comes a value; elsewhere a reference replaces whole parts of the name, such as the base that many settings share.
  if (distinguished.has(setting) && /(?:^|[,+])\s*[A-Za-z][A-Za-z0-9-]*\s*=$/.test(before)) return 'name';
  const begun = /^[a-z][a-z0-9+.-]*:\/\/([\s\S]*)$/i.exec(before)?.[1];
  if (begun === undefined) return 'text';
  if (/[/?#]/.test(begun)) return 'path';
  const [authority = ''] = after.replaceAll(/\$\{env:[^}$]*\}/g, '').split(/[/?#]/);
  return authority.includes('@') ? 'user' : 'host';
}

/** A host, optionally with a port and the beginning of a path; or a port alone, after a host that is written. */
const host = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?(?:\/[A-Za-z0-9._~/-]*)?$/;

/**
 * Encodes a value for its place, so that no character of it is parsed as a part of the address: the rest of a password with `@` would
 * otherwise become a host, and be sent to DNS.
 * @returns `null` if the value is not valid at the place
 */
export function writtenAt(place: Place, value: string): string | null {
  switch (place) {
    case 'text':
      return value;
    case 'user':
      return encodeURIComponent(value);
    case 'host':
      return host.test(value) ? value : null;
    case 'name': // RFC 4514 section 2.4
      return value
        .replace(/[\\,+"<>;=]/g, '\\$&')
        .replace(/ $/, '\\ ')
        .replace(/^[ #]/, '\\$&');
    case 'path':
      // One value may contain several path segments, as in the addresses of many webhooks.
      return encodeURIComponent(value).replaceAll('%2F', '/');
  }
}
