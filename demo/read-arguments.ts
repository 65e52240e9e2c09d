import { didYouMean } from '../tools/tenure/did-you-mean.ts';
import { HelpAsked, readOptions } from '../tools/tenure/read-options.ts';
import { chapters } from './chapters/index.ts';
import type { Chapter } from './chapters/chapter.ts';

/** Arguments of a run of the demo. */
export interface DemoArguments {
  /** True if everything continues to run at the end. */
  readonly keep: boolean;
  /** `null`: the main story. */
  readonly chapters: readonly Chapter[] | null;
}

const usage = {
  command: 'npm run demo [-- [--keep] [--chapter <name>]]',
  does: `Plays an identity lifecycle against real processes and explains each step. --keep: everything stays running at the end, until Ctrl-C. --chapter: plays a chapter instead:\n\n${listed()}`,
};

/** @returns the arguments, or the text about invalid ones @throws HelpAsked */
export function readArguments(words: readonly string[]): DemoArguments | string {
  try {
    // A missing name is answered as a wrong one: with the list.
    const complete = words.at(-1) === '--chapter' ? [...words, ''] : [...words];
    const { keep, chapter } = readOptions(usage, { options: { keep: { type: 'boolean', default: false }, chapter: { type: 'string' } } }, complete).values;
    if (chapter === undefined) return { keep, chapters: null };
    if (chapter === 'all') return { keep, chapters };
    const found = chapters.filter(({ name }) => name === chapter);
    return found.length > 0 ? { keep, chapters: found } : `${noSuch(chapter)}\n\n${listed()}`;
  } catch (error) {
    if (error instanceof HelpAsked) throw error;
    return error instanceof Error ? error.message : String(error);
  }
}

function noSuch(name: string): string {
  const names = [...chapters.map((chapter) => chapter.name), 'all'];
  return name === '' ? '--chapter needs a name:' : `There is no chapter ${name}${didYouMean(name, names)}. Chapters:`;
}

function listed(): string {
  const rows = [...chapters.map(({ name, title }) => [name, title] as const), ['all', 'Every chapter, one after the other'] as const];
  const widest = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, title]) => `  ${name.padEnd(widest)}  ${title}`).join('\n');
}
