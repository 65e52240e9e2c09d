import { Client } from '@temporalio/client';
import { restartLives } from '@tenure/worker';
import { prepareCluster } from '@tenure/worker/cluster';
import { temporalSettings } from '@tenure/config';
import { connectTemporal } from './tenure/connect-temporal.ts';
import { homeOf } from './tenure/home.ts';
import { installationEnvironment } from './tenure/installation-environment.ts';
import { openInstallation } from './tenure/open-installation.ts';
import { readOptions } from './tenure/read-options.ts';
import { runTool, sentence } from './tenure/run-tool.ts';

const usage = {
  command: 'npm run lifecycles:restart',
  does: "Starts the workflows of all identities, requests, cases, suspensions and batch changes that have something pending or due later, from PostgreSQL: after Temporal's data were lost. Harmless at any other time.",
};

await runTool(async () => {
  readOptions(usage, {});
  const environment = await installationEnvironment(homeOf(process.env), process.env, 'temporal');
  const settings = temporalSettings(environment);
  const { namespace } = settings;
  const connection = await connectTemporal(settings);
  const { store, close } = await openInstallation(environment, 'lifecycles:restart').catch(async (error: unknown) => {
    await connection.close();
    throw error;
  });
  try {
    // An empty cluster does not know the search attributes yet, and starts no workflow that has one.
    const wanted = { address: environment.TEMPORAL_ADDRESS, namespace, retention: null };
    const { gaps } = await prepareCluster(connection, wanted, { mayCreateNamespace: false });
    const missing = gaps.filter(({ stopsLives }) => stopsLives).map(({ sentence: gap }) => gap);
    if (missing.length > 0) throw new Error(`No workflow was started. ${missing.join('\n')}`);
    const woken = await restartLives(store, new Client({ connection, namespace })).catch((error: unknown) => {
      throw new Error(withCause(error), { cause: error });
    });
    process.stdout.write(
      `${woken} ${woken === 1 ? 'workflow' : 'workflows'} with something pending or due later ${woken === 1 ? 'was' : 'were'} signalled or started again from PostgreSQL.\n`,
    );
    return 0;
  } finally {
    await close();
    await connection.close();
  }
});

/** Message with its cause: Temporal's client reports what it could not do, and the server's reason is the cause. */
function withCause(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? `: ${sentence(error.cause)}` : '';
  return `${sentence(error)}${cause}`;
}
