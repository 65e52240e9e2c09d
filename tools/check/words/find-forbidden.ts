import { FORBIDDEN_WORDS, type ForbiddenWord } from './forbidden-words.ts';

/** A text that people read, with where it stands. */
export interface ReadText {
  /** `docs/graphql.md:12`, `Query.cases` */
  readonly place: string;
  readonly text: string;
}

/** One line for each forbidden word of each text, with the term to write. */
export function findForbidden(texts: readonly ReadText[], words: readonly ForbiddenWord[] = FORBIDDEN_WORDS): readonly string[] {
  return texts.flatMap(({ place, text }) =>
    words.flatMap(({ pattern, write, allowed = [] }) => {
      // super-linear: phrases and texts of our own
      const rest = allowed.reduce((left, phrase) => left.replace(new RegExp(phrase, 'gi'), ''), text);
      const [found] = pattern.exec(rest) ?? [];
      return found === undefined ? [] : [`${place}: "${found}" (${write}): ${excerpt(rest, found)}`];
    }),
  );
}

/** Words of a name: `heldBack` and HELD_BACK are "held Back" and "HELD BACK". */
export function wordsOfName(name: string): string {
  return name.replace(/_/g, ' ').replace(/([a-z0-9])([A-Z])/g, '$1 $2');
}

function excerpt(text: string, found: string): string {
  const at = text.indexOf(found);
  return text.slice(Math.max(0, at - 40), at + found.length + 40).replace(/\s+/g, ' ');
}
