import { homeOf } from './tenure/home.ts';
import { installationEnvironment } from './tenure/installation-environment.ts';
import { openInstallation } from './tenure/open-installation.ts';
import { readOptions, usageLine } from './tenure/read-options.ts';
import { runTool } from './tenure/run-tool.ts';

const usage = {
  command: 'npm run audit:seal -- --reason <text>',
  does: 'Seals the chains of the audit anew as they are now, after a lost key or a change that was investigated. The audit keeps the reason.',
};

await runTool(async () => {
  const { reason } = readOptions(usage, { options: { reason: { type: 'string' } } }).values;
  if (!reason?.trim()) throw new Error(`Provide --reason, which the audit keeps, such as "the key was lost". ${usageLine(usage)}`);
  const environment = await installationEnvironment(homeOf(process.env), process.env, 'database');
  const { store, context, close } = await openInstallation(environment, 'audit:seal');
  try {
    await store.resealAudit(context, reason.trim().slice(0, 500));
    process.stdout.write('The audit is sealed as it is now. Earlier problems stay problems: npm run audit:verify lists them.\n');
    return 0;
  } finally {
    await close();
  }
});
