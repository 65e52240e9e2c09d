import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { printApiSchema } from '@tenure/api';
import { runTool } from './tenure/run-tool.ts';

const file = fileURLToPath(new URL('../apps/api/schema.graphql', import.meta.url));

// npm run schema: writes apps/api/schema.graphql from the code. With --check it only says whether the file is that of the code.
await runTool(async () => {
  const schema = await printApiSchema();
  const before = await readFile(file, 'utf8').catch(() => null);
  if (process.argv.includes('--check')) {
    if (before === schema) return 0;
    process.stdout.write('apps/api/schema.graphql is not that of the code: npm run schema\n');
    return 1;
  }
  await writeFile(file, schema);
  process.stdout.write(before === schema ? 'apps/api/schema.graphql has not changed.\n' : 'apps/api/schema.graphql was written.\n');
  return 0;
});
