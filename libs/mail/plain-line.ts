/** Characters that move the reader's eye or hide: controls, marks of direction, zero width. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;
/** What mail programs make links of: a letter or digit, a sign, another letter. */
const linkLike = /(?<=\S)[.:/@](?=\S)/g;
const wordJoiner = '\u2060';

/**
 * What somebody has written, as one line that says nothing but itself: no line of its own, so that it cannot look like a part of the mail,
 * nothing that reverses or hides text, and nothing that a mail program turns into a link.
 */
export function plainLine(text: string, longest = 500): string {
  const line = text.toWellFormed().replace(/\s+/g, ' ').replace(unseen, ' ').replace(/ {2,}/g, ' ').trim();
  const short = line.length > longest ? `${line.slice(0, longest).toWellFormed()}…` : line;
  return short.replace(linkLike, (sign) => `${sign}${wordJoiner}`);
}
