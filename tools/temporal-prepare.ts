import { parseArgs } from 'node:util';
import { days, lookAtCluster, prepareCluster } from '@tenure/worker/cluster';
import { temporalSettings } from '@tenure/config';
import { connectTemporal } from './tenure/connect-temporal.ts';
import { homeOf } from './tenure/home.ts';
import { temporalEnvironment } from './tenure/installation-environment.ts';
import { runTool } from './tenure/run-tool.ts';

const usage = 'Write: npm run temporal:prepare [-- --check]';

// npm run temporal:prepare: makes a Temporal cluster fit for Tenure (namespace, retention, search attributes), and --check only says what is missing.
// May run at any time. Exit code 1 when something is missing afterwards.
await runTool(async () => {
  const { check } = parse();
  const settings = temporalSettings(await temporalEnvironment(homeOf(process.env), process.env));
  const { namespace, retention } = settings;
  const wanted = { address: settings.address ?? '', namespace, retention };
  const connection = await connectTemporal(settings);
  try {
    const found = check ? { ...(await lookAtCluster(connection, wanted)), made: [] } : await prepareCluster(connection, wanted, { mayCreateNamespace: true });
    const lines = [
      `Temporal ${found.serverVersion ?? '(version unknown)'} at ${wanted.address}, namespace ${namespace}, closed workflows are kept for ${found.retention === null ? 'an unknown time' : days(found.retention)}.`,
      ...found.made,
      ...(found.gaps.length === 0 ? [found.made.length === 0 ? 'Nothing is missing.' : 'Nothing is missing any more.'] : []),
    ];
    for (const line of lines) process.stdout.write(`${line}\n`);
    for (const { sentence } of found.gaps) process.stderr.write(`${sentence}\n`);
    return found.gaps.length === 0 ? 0 : 1;
  } finally {
    await connection.close();
  }
});

function parse(): { readonly check: boolean } {
  try {
    return parseArgs({ options: { check: { type: 'boolean', default: false } } }).values;
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}. ${usage}`, { cause: error });
  }
}
