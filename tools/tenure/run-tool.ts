import { HelpAsked } from './read-options.ts';

/** Exit code of a tool that failed; 1 means that it ran, and found a problem. */
const couldNot = 2;

/**
 * Runs a command-line tool: errors are shown in their own words, without a stack, and end with exit code 2.
 * @param work gives the exit code
 */
export async function runTool(work: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await work();
  } catch (error) {
    if (error instanceof HelpAsked) {
      process.stdout.write(`${error.message}\n`);
      return;
    }
    process.stderr.write(`${sentence(error)}\n`);
    process.exitCode = couldNot;
  }
}

/** Message of an error. Errors of a refused connection have no message of their own: their parts do. */
export function sentence(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(sentence).join('; ');
  return error instanceof Error ? error.message : String(error);
}
