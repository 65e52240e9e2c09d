/**
 * Characters that the certificate's font (DejaVu Sans) lacks, or that would change how a line reads: Chinese and Japanese, Arabic and Hebrew (which
 * run the other way), marks of direction, pictures.
 */
const unprintable =
  /[^\x20-\x7e\xa0-\u024f\u0370-\u0377\u037a-\u037f\u0384-\u03ff\u0400-\u0525\u0531-\u0556\u0561-\u0587\u10d0-\u10fc\u1e00-\u1ef9\u1f00-\u1ffe\u2010-\u2027\u20ac]+/gu;

/** Printable line: characters that the font lacks become their Unicode numbers, so that two names never look the same. */
export function printable(text: string): string {
  return text.normalize('NFC').replace(unprintable, (letters) => `[${[...letters].map(numberOf).join(' ')}]`);
}

function numberOf(letter: string): string {
  return `U+${(letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
