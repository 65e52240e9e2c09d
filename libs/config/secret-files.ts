import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ConfigurationInvalid } from '@tenure/domain';
import { errorCode } from './error-code.ts';
import type { Environment } from './environment-references.ts';

/** Pattern of a variable's name. Kubernetes keeps files with other names beside the secrets that it mounts. */
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Returns the environment; variables that are not set have the content of the file with their name in the folder `TENURE_SECRETS`. The environment
 * of a process never changes, so a secret that is added without a restart must be a file.
 * @throws ConfigurationInvalid if the folder or a file cannot be read
 */
export async function withSecretFiles(environment: Environment): Promise<Environment> {
  const folder = environment['TENURE_SECRETS']?.trim();
  if (!folder) return environment;
  const directory = resolve(folder);
  try {
    const names = (await readdir(directory)).filter((name) => NAME.test(name));
    const read = await Promise.all(names.map(async (name) => [name, await readFile(join(directory, name), 'utf8')] as const));
    const set = Object.entries(environment).filter(([, value]) => value?.trim());
    return Object.fromEntries([...read, ...set]);
  } catch (error) {
    const message = `${directory} or a file in it cannot be read (${errorCode(error) ?? 'unreadable'}); each file has the name of a variable and contains its value`;
    throw new ConfigurationInvalid([{ file: 'environment', line: 1, column: 1, field: 'TENURE_SECRETS', message }]);
  }
}
