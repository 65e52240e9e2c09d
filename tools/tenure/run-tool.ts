/** The exit code of a tool that could not do its work; 1 says that it did, and found something. */
const couldNot = 2;

/**
 * Runs a command-line tool: what goes wrong is told in its own words, without a stack, and ends with exit code 2.
 * @param work gives the exit code
 */
export async function runTool(work: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await work();
  } catch (error) {
    process.stderr.write(`${sentence(error)}\n`);
    process.exitCode = couldNot;
  }
}

/** What an error says. Those of a refused connection have no message of their own: their parts do. */
export function sentence(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(sentence).join('; ');
  return error instanceof Error ? error.message : String(error);
}
