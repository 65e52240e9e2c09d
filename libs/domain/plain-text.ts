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
