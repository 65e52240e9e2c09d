import { writeFile } from 'node:fs/promises';
import { printedSchema } from './graphql/print-schema.ts';

// node --import ./tools/load-typescript.js apps/api/write-schema.ts
await writeFile(new URL('schema.graphql', import.meta.url), await printedSchema());
