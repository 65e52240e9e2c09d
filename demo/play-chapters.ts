import { showChecks } from './check.ts';
import type { Chapter } from './chapters/chapter.ts';
import { hireHeads, type Heads } from './chapters/heads.ts';
import { narrateInTurn } from './narrate-in-turn.ts';
import type { Stage } from './stage.ts';

/**
 * Plays chapters on one stage. Each has people of its own, so they play side by side, and are shown one after the other; those that change a target for
 * everybody come last, one at a time.
 * @returns number of checks that differ
 */
export async function playChapters(stage: Stage, chapters: readonly Chapter[]): Promise<number> {
  const heads = await hireHeads(stage);
  const [alone, beside] = [chapters.filter(({ playsAlone }) => playsAlone === true), chapters.filter(({ playsAlone }) => playsAlone !== true)];
  const playing = beside.map((chapter) => {
    const { narrator, begin } = narrateInTurn(stage.narrator);
    const differences = playChapter({ ...stage, narrator }, chapter, heads);
    differences.catch(() => undefined); // awaited below, in its turn
    return { begin, differences };
  });
  let all = 0;
  for (const { begin, differences } of playing) {
    begin();
    all += await differences;
  }
  for (const chapter of alone) all += await playChapter(stage, chapter, heads);
  return all;
}

async function playChapter(stage: Stage, { name, title, play }: Chapter, heads: Heads): Promise<number> {
  const { narrator } = stage;
  narrator.chapter(name, title);
  const checks = await play(stage, heads);
  narrator.step('', 'The final state, read from the targets themselves and from GraphQL');
  return showChecks(stage, checks);
}
