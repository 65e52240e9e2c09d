import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ownProgram } from './own-program.ts';
import { root } from './root.ts';

test('processes that the tools start have the limits of memory of the image', async () => {
  const image = await readFile(join(root, 'Dockerfile'), 'utf8');
  const limits = ownProgram(join(root, 'apps/worker/main.ts')).filter((argument) => /^--max-.*-size=\d+$/.test(argument));
  expect(limits).toHaveLength(2);
  for (const limit of limits) expect(/NODE_OPTIONS="(.*)"/.exec(image)?.[1]?.split(' ')).toContain(limit);
});
