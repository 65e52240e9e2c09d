import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** One check of `npm run check`. */
export interface Step {
  readonly name: string;
  /** Problems, in the tool's own words; `null` when there are none. */
  look(): Promise<string | null>;
}

const root = fileURLToPath(new URL('../../', import.meta.url));

/** A step that runs a program of node_modules: it passes when the program ends with 0. */
export function programStep(name: string, program: string, flags: readonly string[], environment: NodeJS.ProcessEnv = {}): Step {
  return { name, look: () => run(`${root}node_modules/.bin/${program}`, flags, environment) };
}

function run(program: string, flags: readonly string[], environment: NodeJS.ProcessEnv): Promise<string | null> {
  const child = spawn(program, flags, { cwd: root, env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => void (output += chunk.toString('utf8')));
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(code === 0 ? null : output.trim() || `ended with ${signal ?? `exit code ${code}`}`));
  });
}
