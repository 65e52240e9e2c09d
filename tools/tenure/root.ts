import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../..', import.meta.url));
/** Folder of package.json, for the sources and for built code, which lies in its dist/. */
export const root = import.meta.filename.endsWith('.ts') ? folder : dirname(folder);
