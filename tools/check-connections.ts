import { testConnections } from '@tenure/engine/connections';
import { loadConfiguration } from '@tenure/config';
import { connectionLines, isAnyFailing } from './connections/connection-lines.ts';
import { readOptions } from './tenure/read-options.ts';
import { runTool } from './tenure/run-tool.ts';

const usage = {
  command: 'npm run check-connections [-- --config <folder>]',
  does: 'Tests the connection to every target and identity provider of tenure.yaml, and changes nothing there. --config: folder of tenure.yaml; default: TENURE_CONFIG, else configuration. Exit code 1: a connection fails.',
};

await runTool(async () => {
  const { config } = readOptions(usage, { options: { config: { type: 'string' } } }).values;
  const directory = config ?? (process.env['TENURE_CONFIG'] || 'configuration');
  const configuration = await loadConfiguration({ directory, environment: process.env });
  const tested = await testConnections(configuration, () => new Date().toISOString());
  for (const line of connectionLines(tested)) process.stdout.write(`${line}\n`);
  return isAnyFailing(tested) ? 1 : 0;
});
