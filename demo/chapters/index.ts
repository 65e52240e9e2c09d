import type { Chapter } from './chapter.ts';
import { byHand } from './by-hand.ts';
import { breakGlass } from './break-glass.ts';
import { conflict } from './conflict.ts';
import { extension } from './extension.ts';
import { leave } from './leave.ts';
import { leaver } from './leaver.ts';
import { massTermination } from './mass-termination.ts';
import { mover } from './mover.ts';
import { policyPlan } from './policy-plan.ts';
import { preHire } from './pre-hire.ts';
import { rehire } from './rehire.ts';
import { request } from './request.ts';
import { restoredTarget } from './restored-target.ts';
import { wrongBatch } from './wrong-batch.ts';

/** Chapters in the order in which `--chapter all` plays them. */
export const chapters: readonly Chapter[] = [
  preHire,
  mover,
  leave,
  rehire,
  leaver,
  extension,
  request,
  breakGlass,
  conflict,
  policyPlan,
  massTermination,
  wrongBatch,
  byHand,
  restoredTarget,
];
