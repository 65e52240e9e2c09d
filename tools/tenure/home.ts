import { join, resolve } from 'node:path';
import { root } from './root.ts';

/** Folder of an installation with its embedded servers and its keys: `.tenure` beside package.json, unless TENURE_HOME sets another one. */
export function homeOf(environment: NodeJS.ProcessEnv): string {
  return environment['TENURE_HOME'] ? resolve(environment['TENURE_HOME']) : join(root, '.tenure');
}

/** Folder for secrets that the processes of `npm start` take over without a restart, as `TENURE_SECRETS`, unless that is set. */
export function secretsIn(home: string): string {
  return join(home, 'secrets');
}
