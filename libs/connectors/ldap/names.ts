/**
 * Escapes a value as part of a distinguished name (RFC 4514 section 2.4).
 * Spaces and `#` matter at the ends only; a NUL can only be written as a hex pair.
 */
export function escapeDnValue(value: string): string {
  return value
    .replace(/[\\,+"<>;=]/g, '\\$&')
    .replace(/\0/g, '\\00')
    .replace(/ $/, '\\ ')
    .replace(/^[ #]/, '\\$&');
}

/** DN of an entry directly below another one. */
export function childDn(attribute: string, value: string, parent: string): string {
  return `${attribute}=${escapeDnValue(value)},${parent}`;
}

/**
 * Prepared form of a name in which a directory compares most names (caseIgnoreMatch, RFC 4518): without case, in one Unicode form, without
 * insignificant spaces. Names with equal forms are equal; where the forms differ, only the directory can decide.
 */
export function preparedName(name: string): string {
  // Most names are plain, and need no tables of Unicode.
  if (printable.test(name)) return tidy(name);
  return name.normalize('NFKC').toLowerCase().normalize('NFKC').replace(/\s+/g, ' ').trim();
}

/** Compares two DNs (RFC 4514) regardless of spelling. `false` may be wrong for names that only the directory's schema makes equal. */
export function isSameDn(one: string, other: string): boolean {
  return one === other || dnKey(one) === dnKey(other);
}

/** True if the DN is the base or below it; as certain as `isSameDn`. */
export function isBelow(dn: string, base: string): boolean {
  const parts = preparedDn(dn);
  const ending = preparedDn(base);
  return ending.length <= parts.length && ending.join(',') === parts.slice(parts.length - ending.length).join(',');
}

/** Text that is equal for DNs that are the same by `isSameDn`. */
export function dnKey(dn: string): string {
  // Most DNs have no character that needs the whole grammar, which takes ten times as long.
  if (!plain.test(dn)) return preparedDn(dn).join(',');
  const parts = dn.split(',').map((part) => {
    const at = part.indexOf('=');
    return `[["${tidy(part.slice(0, at))}","${tidy(part.slice(at + 1))}"]]`;
  });
  return parts.join(',');
}

const plain = /^[A-Za-z0-9.-]+ *=[A-Za-z0-9 .@_:/()'-]*(?:, *[A-Za-z0-9.-]+ *=[A-Za-z0-9 .@_:/()'-]*)*$/;
const printable = /^[\x20-\x7e]*$/;
const tidy = (text: string): string => text.toLowerCase().replace(/ +/g, ' ').trim();

/** Parts of a DN (RFC 4514 section 3), each as JSON of its sorted attributes and prepared values. */
function preparedDn(dn: string): readonly string[] {
  const parts = splitAt(dn, /[,;]/).map((part) => {
    const pairs = splitAt(part, /\+/).map((pair): readonly [string, string] => {
      const [attribute = '', ...value] = pair.split('=');
      return [preparedName(attribute), preparedName(unescaped(value.join('=')))];
    });
    return JSON.stringify([...pairs].sort(([one], [other]) => (one < other ? -1 : 1)));
  });
  return preparedName(dn) === '' ? [] : parts;
}

/** Splits at unescaped separators. */
function splitAt(text: string, separator: RegExp): readonly string[] {
  const parts: string[] = [''];
  for (const [piece] of text.matchAll(/\\[\s\S]|[\s\S]/gu)) {
    if (separator.test(piece) && piece.length === 1) parts.push('');
    else parts.push(`${parts.pop() ?? ''}${piece}`);
  }
  return parts;
}

/** Unescapes a value; a pair of hex digits is one byte of UTF-8. */
function unescaped(value: string): string {
  const bytes = [...value.matchAll(/\\([0-9a-f]{2})|\\?([\s\S])/giu)].map(([, hex, character = '']) =>
    hex === undefined ? Buffer.from(character) : Buffer.from(hex, 'hex'),
  );
  return Buffer.concat(bytes).toString('utf8');
}
