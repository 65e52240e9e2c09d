import { fileURLToPath } from 'node:url';
import { resolve } from 'node:path';

/** Where an installation keeps its embedded servers and its keys: `.tenure` beside package.json, unless TENURE_HOME says another folder. */
export function homeOf(environment: NodeJS.ProcessEnv): string {
  return environment['TENURE_HOME'] ? resolve(environment['TENURE_HOME']) : fileURLToPath(new URL('../../.tenure', import.meta.url));
}
