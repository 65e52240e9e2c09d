import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ownProgram } from '../../tools/tenure/own-program.ts';
import type { Stage } from '../stage.ts';

/** Output of a command, and its exit code: 0 success, 1 it found something, 2 it failed. */
export interface CommandResult {
  readonly code: number;
  readonly lines: readonly string[];
}

/**
 * Runs `npm run policy` as an administrator at a terminal of this installation would, and shows its output.
 * @param folder of tenure.yaml and policy/
 */
export async function policyCommand({ narrator, tenure }: Stage, folder: string, ...words: string[]): Promise<CommandResult> {
  const program = fileURLToPath(new URL('../../tools/policy.ts', import.meta.url));
  const options = { env: tenure.environment, cwd: folder };
  const all = [...ownProgram(program), ...words, '--config', folder];
  const { promise, resolve } = Promise.withResolvers<CommandResult>();
  const child = execFile(process.execPath, all, options, (error, said, complained) => {
    resolve({ code: Number(error?.code ?? 0), lines: `${said}${complained}`.trimEnd().split('\n') });
  });
  // A demo that is broken off leaves nothing running, not even for a second.
  const end = (): void => void child.kill();
  process.once('exit', end);
  const result = await promise;
  process.off('exit', end);
  narrator.copy('Terminal', `$ npm run policy -- ${words.join(' ')}`);
  for (const line of result.lines) narrator.copy('', line);
  return result;
}
