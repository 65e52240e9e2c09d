import type { Chapter } from './chapter.ts';
import { mover } from './mover.ts';

/** In the order in which `--chapter all` plays them. */
export const chapters: readonly Chapter[] = [mover];
