/**
 * Writes a value as part of a distinguished name (RFC 4514 section 2.4).
 * Spaces and `#` matter at the ends only; a NUL has no other form than its hex pair.
 */
export function escapeDnValue(value: string): string {
  return value
    .replace(/[\\,+"<>;=]/g, '\\$&')
    .replace(/\0/g, '\\00')
    .replace(/ $/, '\\ ')
    .replace(/^[ #]/, '\\$&');
}

/** The DN of an entry directly below another one. */
export function childDn(attribute: string, value: string, parent: string): string {
  return `${attribute}=${escapeDnValue(value)},${parent}`;
}
