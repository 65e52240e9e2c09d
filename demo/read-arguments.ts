import { parseArgs } from 'node:util';
import { didYouMean } from '../tools/tenure/did-you-mean.ts';
import { chapters } from './chapters/index.ts';
import type { Chapter } from './chapters/chapter.ts';

/** What a run of the demo was asked to do. */
export interface DemoArguments {
  /** Whether everything goes on running at the end. */
  readonly keep: boolean;
  /** `null`: the main story. */
  readonly chapters: readonly Chapter[] | null;
}

/** @returns the arguments, or what to tell whoever wrote something else */
export function readArguments(words: readonly string[]): DemoArguments | string {
  try {
    // A name that is missing is told like one that is wrong: by what there is.
    const complete = words.at(-1) === '--chapter' ? [...words, ''] : [...words];
    const { keep, chapter } = parseArgs({ args: complete, options: { keep: { type: 'boolean', default: false }, chapter: { type: 'string' } } }).values;
    if (chapter === undefined) return { keep, chapters: null };
    if (chapter === 'all') return { keep, chapters };
    const found = chapters.filter(({ name }) => name === chapter);
    return found.length > 0 ? { keep, chapters: found } : `${noSuch(chapter)}\n\n${listed()}`;
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}\nusage: npm run demo [-- [--keep] [--chapter <name>]]`;
  }
}

function noSuch(name: string): string {
  const names = [...chapters.map((chapter) => chapter.name), 'all'];
  return name === '' ? 'Which chapter? There is:' : `There is no chapter ${name}${didYouMean(name, names)}. There is:`;
}

function listed(): string {
  const rows = [...chapters.map(({ name, title }) => [name, title] as const), ['all', 'Every chapter, one after the other'] as const];
  const widest = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, title]) => `  ${name.padEnd(widest)}  ${title}`).join('\n');
}
