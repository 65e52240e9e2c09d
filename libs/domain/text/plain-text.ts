/**
 * True if a text can be stored and read back unchanged. NUL cannot be stored, and a lone surrogate is read back as another character, so
 * that two texts would become the same.
 */
export function isPlainText(text: string): boolean {
  return text.isWellFormed() && !text.includes('\u0000');
}

/** Lower-cases A to Z only: capitals of other scripts may fold to ASCII letters, such as the Kelvin sign to k. */
export function foldCase(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/**
 * Invisible characters without meaning: RFC 3454 table B.1, without the joiners and variation selectors that scripts and emoji need.
 */
const INVISIBLE = /\u00ad|\u034f|\u180e|\u200b|\u2060|\ufeff/g;
/** Control characters, line and paragraph separators, and characters that change the direction of text (Unicode: Bidi_Control). */
const REFUSED = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;
/** Visible characters: all but spaces, fillers and characters that displays ignore (Unicode: Default_Ignorable_Code_Point). */
const SEEN = /[^\s\u2800\p{Default_Ignorable_Code_Point}]/u;
const EDGE = /[\s\u200c\u200d]/;

/**
 * Normalises a text for storage and comparison: in NFC, without invisible characters, with every kind of space as a space, trimmed. Texts that
 * differ in these alone become equal.
 * @returns an empty text for one without visible characters
 */
export function normalText(text: string): string {
  const spaced = text.replace(INVISIBLE, '').replace(/\p{Zs}/gu, ' ');
  let [start, end] = [0, spaced.length];
  while (start < end && EDGE.test(spaced.charAt(start))) start += 1;
  while (end > start && EDGE.test(spaced.charAt(end - 1))) end -= 1;
  const normal = spaced.slice(start, end).normalize('NFC');
  return SEEN.test(normal) ? normal : '';
}

/** True if a normalised text contains a control or bidirectional formatting character, so that it is displayed differently from its content. */
export function hasControlCharacters(text: string): boolean {
  return REFUSED.test(text);
}

/** True if a text contains invisible characters between visible ones, so that two keys that look alike may differ. */
export function hasUnseenCharacters(text: string): boolean {
  return /\p{Default_Ignorable_Code_Point}/u.test(text.trim());
}
