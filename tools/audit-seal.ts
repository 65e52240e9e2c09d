import { parseArgs } from 'node:util';
import { homeOf } from './tenure/home.ts';
import { installationEnvironment } from './tenure/installation-environment.ts';
import { openInstallation } from './tenure/open-installation.ts';
import { runTool } from './tenure/run-tool.ts';

// npm run audit:seal -- --reason <why>: takes the ends of the chains for right as they are, after a lost key or a change that was looked into.
await runTool(async () => {
  const { reason } = parseArgs({ options: { reason: { type: 'string' } } }).values;
  if (!reason?.trim()) throw new Error('What is sealed anew needs a reason, which the audit keeps: npm run audit:seal -- --reason "the key was lost"');
  const environment = await installationEnvironment(homeOf(process.env), process.env, 'database');
  const { store, context, close } = await openInstallation(environment, 'audit:seal');
  try {
    await store.resealAudit(context, reason.trim().slice(0, 500));
    process.stdout.write('The audit goes on from here. What was wrong before stays wrong: npm run audit:verify names it.\n');
    return 0;
  } finally {
    await close();
  }
});
