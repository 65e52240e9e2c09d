/** Characters that move or hide text: controls, direction marks, zero width. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;
/** Signs between other characters, of which mail programs make links. */
const linkLike = /(?<=\S)[.:/@](?=\S)/g;
const wordJoiner = '\u2060';

/**
 * Converts a text written by a person to one safe line: without line breaks, so that it cannot look like a part of the mail, without characters
 * that reverse or hide text, and without anything that a mail program turns into a link.
 */
export function plainLine(text: string, longest = 500): string {
  const line = text.toWellFormed().replace(/\s+/g, ' ').replace(unseen, ' ').replace(/ {2,}/g, ' ').trim();
  const short = line.length > longest ? `${line.slice(0, longest).toWellFormed()}…` : line;
  return short.replace(linkLike, (sign) => `${sign}${wordJoiner}`);
}
