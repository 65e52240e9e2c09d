import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseInstant } from '@tenure/domain';
import { readOptions, usageLine } from './read-options.ts';

/** Arguments of `npm run audit:verify`. */
export interface VerifySettings {
  /** Files with anchors, or logs that contain them; none: the installation's own. */
  readonly files: readonly string[];
  /** `null`: from the beginning. */
  readonly since: string | null;
}

const usage = {
  command: 'npm run audit:verify [-- [--anchors <file>]... [--since <instant>]]',
  does: 'Verifies the audit and lists each event that was changed, removed or inserted (docs/audit.md). --anchors: a file or log with anchors, may be repeated; default: TENURE_AUDIT_ANCHORS, else that of npm start. --since: an instant such as 2026-03-01T00:00:00Z; default: the beginning. Exit code 1: the audit has problems.',
};

/** @throws Error in one sentence */
export function verifySettings(words: readonly string[]): VerifySettings {
  const { anchors, since } = readOptions(usage, { options: { anchors: { type: 'string', multiple: true }, since: { type: 'string' } } }, words).values;
  const instant = since === undefined ? null : parseInstant(since);
  if (since !== undefined && instant === null)
    throw new Error(`--since is "${since}", but has to be an instant such as 2026-03-01T00:00:00Z. ${usageLine(usage)}`);
  return { files: anchors ?? [], since: instant };
}

/**
 * The lines of the files that were named, or of the installation's own file where there is one.
 * @throws Error when a file that was named is not there: a proof without it would claim too much
 */
export async function anchorsToRead(
  named: readonly string[],
  ofEnvironment: string | undefined,
  home: string,
): Promise<{ readonly lines: readonly string[]; readonly read: readonly string[] }> {
  if (named.length > 0 || ofEnvironment) {
    const files = named.length > 0 ? named : [ofEnvironment ?? ''];
    const texts = await Promise.all(
      files.map((file) =>
        readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
          throw new Error(`The file of anchors ${file} cannot be read (${error.code ?? error.message}): provide another one by --anchors.`, { cause: error });
        }),
      ),
    );
    return { lines: texts.flatMap((text) => text.split('\n')), read: files };
  }
  const own = join(home, 'audit-anchors.jsonl');
  const text = await readFile(own, 'utf8').catch((error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? null : Promise.reject(error)));
  return text === null ? { lines: [], read: [] } : { lines: text.split('\n'), read: [own] };
}
