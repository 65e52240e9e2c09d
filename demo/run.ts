import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { keepFilesPrivate } from '../tools/tenure/close-home.ts';
import { checkFinalState } from './check-final-state.ts';
import { createNarrator } from './narrate.ts';
import { claimDemo } from './only-one-demo.ts';
import { playChapters } from './play-chapters.ts';
import { type DemoArguments, readArguments } from './read-arguments.ts';
import { openStage, type Stage } from './stage.ts';
import { playStory } from './story/story.ts';
import { duration } from './tell.ts';
import { tellAddresses, tellStage } from './tell-stage.ts';
import { HelpAsked } from '../tools/tenure/read-options.ts';
import { root } from '../tools/tenure/root.ts';

// Plays one whole identity lifecycle, or chapters about other events of access, against real separate processes. See docs/demo.md.
keepFilesPrivate();
const begun = Date.now();
const narrator = createNarrator();
const interrupted = Promise.withResolvers<never>();
interrupted.promise.catch(() => undefined);
let isInterrupted = false;

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (isInterrupted) process.exit(130); // a second Ctrl-C does not wait
    isInterrupted = true;
    narrator.line('\nStopping everything ...');
    narrator.fallSilent();
    interrupted.reject(new Error('interrupted'));
  });
}
try {
  process.exit(await run());
} catch (error) {
  if (!(error instanceof HelpAsked)) throw error;
  process.stdout.write(`${error.message}\n`);
}

/** @returns the exit code */
async function run(): Promise<number> {
  const asked = readArguments(process.argv.slice(2));
  if (typeof asked === 'string') {
    process.stderr.write(`${asked}\n`);
    return 2;
  }
  let opening: Promise<Stage> | null = null;
  let release: (() => Promise<void>) | null = null;
  try {
    const directory = join(root, '.tenure');
    await mkdir(directory, { recursive: true });
    release = await claimDemo(join(directory, 'demo.pid'));
    narrator.line(`Tenure: ${announcement(asked)}. Starting everything ...`);
    opening = openStage(narrator);
    return await Promise.race([play(opening, asked), interrupted.promise]);
  } catch (error) {
    if (isInterrupted) return asked.keep ? 0 : 130;
    process.stderr.write(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}\n`);
    if (opening !== null) process.stderr.write("The log of Tenure's processes is .tenure/demo/tenure.log.\n");
    return 1;
  } finally {
    // Parts that are being started have to be there before they can be stopped in order.
    const stage = await opening?.catch(() => null);
    if (stage) narrator.line('\nStopping everything ...');
    await stage?.stop();
    await release?.();
    // The narrator is silent then: the output of a chapter under way has no end.
    if (isInterrupted && opening !== null) process.stdout.write('Everything has stopped; no process is left.\n');
  }
}

function announcement({ chapters }: DemoArguments): string {
  if (chapters === null) return 'one whole identity lifecycle, from the first login to the last deleted account';
  return `${chapters.length === 1 ? 'a chapter' : `${chapters.length} chapters`} of what happens to people's access in companies`;
}

async function play(opening: Promise<Stage>, asked: DemoArguments): Promise<number> {
  const stage = await opening;
  tellStage(stage, Date.now() - begun);
  const broken = stage.tenure.failed.then((sentence): never => {
    throw new Error(sentence);
  });
  const code = await Promise.race([playAndCheck(stage, asked), broken]);
  if (!asked.keep) return code;
  tellAddresses(stage, asked.chapters === null ? 'story' : 'chapters');
  return broken; // until Ctrl-C
}

async function playAndCheck(stage: Stage, { chapters }: DemoArguments): Promise<number> {
  const differences = chapters === null ? await checkFinalState(stage, await playStory(stage)) : await playChapters(stage, chapters);
  narrator.line();
  narrator.line(
    differences === 0 ? ` The final state is as expected, after ${duration(Date.now() - begun)}.` : ` ${differences} of these are not as expected.`,
  );
  return differences === 0 ? 0 : 1;
}
