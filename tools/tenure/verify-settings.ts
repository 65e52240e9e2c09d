import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseInstant } from '@tenure/domain';

/** Arguments of `npm run audit:verify`. */
export interface VerifySettings {
  /** Files with anchors, or logs that hold them; none: the installation's own. */
  readonly files: readonly string[];
  /** `null`: from the beginning. */
  readonly since: string | null;
}

const usage = 'Write: npm run audit:verify -- [--anchors <file>]… [--since <instant, such as 2026-03-01T00:00:00Z>]';

/** @throws Error in one sentence */
export function verifySettings(words: readonly string[]): VerifySettings {
  const { anchors, since } = parsed(words);
  const instant = since === undefined ? null : parseInstant(since);
  if (since !== undefined && instant === null) throw new Error(`--since is "${since}", which is no instant. ${usage}`);
  return { files: anchors ?? [], since: instant };
}

function parsed(words: readonly string[]): { readonly anchors?: string[]; readonly since?: string } {
  try {
    return parseArgs({ args: [...words], options: { anchors: { type: 'string', multiple: true }, since: { type: 'string' } } }).values;
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}. ${usage}`, { cause: error });
  }
}

/**
 * The lines of the files that were named, or of the installation's own file where there is one.
 * @throws Error when a file that was named is not there: a proof without it would say more than it shows
 */
export async function anchorsToRead(
  named: readonly string[],
  ofEnvironment: string | undefined,
  home: string,
): Promise<{ readonly lines: readonly string[]; readonly read: readonly string[] }> {
  if (named.length > 0 || ofEnvironment) {
    const files = named.length > 0 ? named : [ofEnvironment ?? ''];
    const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
    return { lines: texts.flatMap((text) => text.split('\n')), read: files };
  }
  const own = join(home, 'audit-anchors.jsonl');
  const text = await readFile(own, 'utf8').catch((error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? null : Promise.reject(error)));
  return text === null ? { lines: [], read: [] } : { lines: text.split('\n'), read: [own] };
}
