import { Client } from '@temporalio/client';
import { restartLives } from '@tenure/worker';
import { connectTemporal } from './tenure/connect-temporal.ts';
import { homeOf } from './tenure/home.ts';
import { installationEnvironment } from './tenure/installation-environment.ts';
import { openInstallation } from './tenure/open-installation.ts';
import { runTool } from './tenure/run-tool.ts';

// npm run lives:restart: for the day when Temporal's data is lost. Harmless at any other time.
await runTool(async () => {
  const environment = await installationEnvironment(homeOf(process.env), process.env, 'temporal');
  const connection = await connectTemporal(environment.TEMPORAL_ADDRESS);
  const { store, close } = await openInstallation(environment, 'lives:restart').catch(async (error: unknown) => {
    await connection.close();
    throw error;
  });
  try {
    const woken = await restartLives(store, new Client({ connection, namespace: environment.TEMPORAL_NAMESPACE }));
    process.stdout.write(`${woken} lives with something pending or ahead were woken from what PostgreSQL holds.\n`);
    return 0;
  } finally {
    await close();
    await connection.close();
  }
});
