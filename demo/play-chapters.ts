import { showChecks } from './check.ts';
import type { Chapter } from './chapters/chapter.ts';
import type { Stage } from './stage.ts';

/** Plays chapters one after the other on one stage. @returns how many checks differ */
export async function playChapters(stage: Stage, chapters: readonly Chapter[]): Promise<number> {
  const { narrator } = stage;
  let differences = 0;
  for (const { name, title, play } of chapters) {
    narrator.chapter(name, title);
    const checks = await play(stage);
    narrator.step('', 'What is true in the end, looked up in the targets themselves and in GraphQL');
    differences += await showChecks(stage, checks);
  }
  return differences;
}
