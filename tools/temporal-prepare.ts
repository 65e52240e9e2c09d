import { days, lookAtCluster, prepareCluster } from '@tenure/worker/cluster';
import { temporalSettings } from '@tenure/config';
import { connectTemporal } from './tenure/connect-temporal.ts';
import { homeOf } from './tenure/home.ts';
import { temporalEnvironment } from './tenure/installation-environment.ts';
import { readOptions } from './tenure/read-options.ts';
import { runTool } from './tenure/run-tool.ts';

const usage = {
  command: 'npm run temporal:prepare [-- --check]',
  does: 'Creates what Tenure needs in Temporal: namespace, retention (TEMPORAL_RETENTION) and search attributes. Safe to run at any time. --check: shows what is missing and changes nothing. Exit code 1: something is still missing.',
};

await runTool(async () => {
  const { check } = readOptions(usage, { options: { check: { type: 'boolean', default: false } } }).values;
  const settings = temporalSettings(await temporalEnvironment(homeOf(process.env), process.env));
  const { namespace, retention } = settings;
  const wanted = { address: settings.address ?? '', namespace, retention };
  const connection = await connectTemporal(settings);
  try {
    const found = check ? { ...(await lookAtCluster(connection, wanted)), made: [] } : await prepareCluster(connection, wanted, { mayCreateNamespace: true });
    const lines = [
      `Temporal ${found.serverVersion ?? '(version unknown)'} at ${wanted.address}, namespace ${namespace}, retention of closed workflows: ${found.retention === null ? 'unknown' : days(found.retention)}.`,
      ...found.made,
      ...(found.gaps.length === 0 ? [found.made.length === 0 ? 'Nothing is missing.' : 'Nothing is missing now.'] : []),
    ];
    for (const line of lines) process.stdout.write(`${line}\n`);
    for (const { sentence } of found.gaps) process.stderr.write(`${sentence}\n`);
    return found.gaps.length === 0 ? 0 : 1;
  } finally {
    await connection.close();
  }
});
