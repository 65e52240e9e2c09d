import { homeOf } from './tenure/home.ts';
import { installationEnvironment } from './tenure/installation-environment.ts';
import { openInstallation } from './tenure/open-installation.ts';
import { runTool } from './tenure/run-tool.ts';

// npm run audit:verify: reads the whole audit and names each row that was changed, removed or inserted.
await runTool(async () => {
  const environment = await installationEnvironment(homeOf(process.env), process.env, 'database');
  const { store, close } = await openInstallation(environment, 'audit:verify');
  try {
    const { events, problems } = await store.read((tx) => tx.audit.verify());
    for (const problem of problems) process.stdout.write(`${problem}\n`);
    process.stdout.write(
      problems.length === 0
        ? `The audit is whole: ${events} events, every chain unbroken.\n`
        : `The audit is not whole: ${problems.length} problems in ${events} events.\n`,
    );
    return problems.length === 0 ? 0 : 1;
  } finally {
    await close();
  }
});
