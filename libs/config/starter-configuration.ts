import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorCode } from './error-code.ts';

/** Files of the configuration of a new installation. It loads without any variable set. */
export const starterConfiguration: readonly string[] = ['tenure.yaml', 'policy/access.yaml'];

/**
 * Writes the starter configuration into a directory. Existing files are left unchanged.
 * @param url public address of this installation
 * @returns names of the files that were written
 */
export async function writeStarterConfiguration(directory: string, url = 'http://localhost:4000'): Promise<string[]> {
  const written: string[] = [];
  for (const name of starterConfiguration) {
    const path = join(directory, name);
    await mkdir(dirname(path), { recursive: true });
    const content = await readFile(join(import.meta.dirname, 'starter', name), 'utf8');
    if (await writeNew(path, content.replace('url: http://localhost:4000', `url: ${url}`))) written.push(name);
  }
  return written;
}

async function writeNew(path: string, content: string): Promise<boolean> {
  try {
    await writeFile(path, content, { flag: 'wx' });
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}
