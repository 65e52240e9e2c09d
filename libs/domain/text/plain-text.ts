/**
 * Whether a text can be stored and found again as it came. NUL cannot be stored at all, and half a character (a surrogate without
 * its other half) comes back as another one, so that two texts would become the same.
 */
export function isPlainText(text: string): boolean {
  return text.isWellFormed() && !text.includes('\u0000');
}

/** Small letters for A to Z and nothing else: other scripts have capitals that fall together with letters of ours, such as the Kelvin sign with k. */
export function foldCase(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/**
 * Characters that nobody sees and that carry nothing: RFC 3454 table B.1, without the joiners and variation selectors that scripts and
 * emoji need.
 */
const INVISIBLE = /\u00ad|\u034f|\u180e|\u200b|\u2060|\ufeff/g;
/** Control characters, line and paragraph separators, and what turns the direction of text round (Unicode: Bidi_Control). */
const REFUSED = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;
/** Visible characters: all but spaces, fillers and characters that Unicode has displays ignore. */
const SEEN = /[^\s\u2800\p{Default_Ignorable_Code_Point}]/u;
const EDGE = /[\s\u200c\u200d]/;

/**
 * A text as it is kept and compared: in NFC, without characters that nobody sees, every kind of space as a space, none around it. Two
 * texts that look alike because of these are one.
 * @returns an empty text for one that is blank to the eye
 */
export function normalText(text: string): string {
  const spaced = text.replace(INVISIBLE, '').replace(/\p{Zs}/gu, ' ');
  let [start, end] = [0, spaced.length];
  while (start < end && EDGE.test(spaced.charAt(start))) start += 1;
  while (end > start && EDGE.test(spaced.charAt(end - 1))) end -= 1;
  const normal = spaced.slice(start, end).normalize('NFC');
  return SEEN.test(normal) ? normal : '';
}

/** True: a normalized text holds a control or bidirectional formatting character, so that it reads differently from what it is. */
export function hasControlCharacters(text: string): boolean {
  return REFUSED.test(text);
}

/** True: a text holds invisible characters between visible ones, so that two keys that look alike may differ. */
export function hasUnseenCharacters(text: string): boolean {
  return /\p{Default_Ignorable_Code_Point}/u.test(text.trim());
}
