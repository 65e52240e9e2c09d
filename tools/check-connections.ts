import { parseArgs } from 'node:util';
import { testConnections } from '@tenure/engine/connections';
import { loadConfiguration } from '@tenure/config';
import { connectionLines, isAnyFailing } from './connections/connection-lines.ts';
import { runTool } from './tenure/run-tool.ts';

const usage = 'Write: npm run check-connections [-- --config <folder>]';

// npm run check-connections: tests every target and identity provider of tenure.yaml, and writes nothing there. Exit code 1 when one fails.
await runTool(async () => {
  const directory = parse().config ?? (process.env['TENURE_CONFIG'] || 'configuration');
  const configuration = await loadConfiguration({ directory, environment: process.env });
  const tested = await testConnections(configuration, () => new Date().toISOString());
  for (const line of connectionLines(tested)) process.stdout.write(`${line}\n`);
  return isAnyFailing(tested) ? 1 : 0;
});

function parse(): { readonly config?: string } {
  try {
    return parseArgs({ options: { config: { type: 'string' } } }).values;
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}. ${usage}`, { cause: error });
  }
}
