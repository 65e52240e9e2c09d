import type { Check } from '../check.ts';
import type { Stage } from '../stage.ts';
import type { Heads } from './heads.ts';

/** One event of people's access in companies, played by people of its own. */
export interface Chapter {
  /** Name as it is written after `--chapter`. */
  readonly name: string;
  /** Title in one line. */
  readonly title: string;
  /** True: it changes a target for everybody, so it plays when all the others are over. */
  readonly playsAlone?: true;
  /** @returns conditions that have to be met afterwards */
  play(stage: Stage, heads: Heads): Promise<readonly Check[]>;
}
