import { createLoginLink } from '@tenure/engine/login';
import { loadFiles } from './policy/load-files.ts';
import { homeOf } from './tenure/home.ts';
import { installationEnvironment } from './tenure/installation-environment.ts';
import { openInstallation } from './tenure/open-installation.ts';
import { findRunning } from './tenure/running-file.ts';
import { readOptions, usageLine } from './tenure/read-options.ts';
import { runTool } from './tenure/run-tool.ts';

const usage = {
  command: 'npm run login-link -- --user <user name> --provider <name in tenure.yaml> --reason <text> [--hours <number>] [--config <folder>]',
  does: "Creates a one-time link that binds the next login at this identity provider to this identity, whatever the login's claims say. --hours: validity of the link; default: 24. --config: folder of tenure.yaml; default: TENURE_CONFIG, else configuration. The audit keeps the reason.",
};
const text = { type: 'string' } as const;

await runTool(async () => {
  const { user, provider, reason, hours, config } = readOptions(usage, {
    options: { user: text, provider: text, reason: text, hours: { ...text, default: '24' }, config: text },
  }).values;
  if (!user?.trim() || !provider?.trim() || !reason?.trim()) throw new Error(`Provide --user, --provider and --reason. ${usageLine(usage)}`);
  const home = homeOf(process.env);
  const environment = await installationEnvironment(home, process.env, 'database');
  const url = environment['TENURE_URL'] || (await findRunning(home))?.url;
  const directory = config ?? (environment['TENURE_CONFIG'] || 'configuration');
  const configuration = await loadFiles(directory, { ...environment, ...(url === undefined ? {} : { TENURE_URL: url }) });
  const { store, context, close } = await openInstallation(environment, 'login-link');
  try {
    const made = await store.transaction(context, async (tx) => {
      const person = await tx.identities.byUserName(user.trim());
      if (person === null) throw new Error(`No identity has the user name "${user.trim()}" (--user).`);
      const createdBy = `${context.actor.kind} ${context.actor.id}`;
      return createLoginLink(tx, configuration, { identityId: person.id, provider: provider.trim(), hours: Number(hours), reason: reason.trim(), createdBy });
    });
    process.stderr.write(
      `One-time link for ${user.trim()}, valid until ${made.expiresAt}. It is shown only now; everybody who has it can log in as this identity:\n`,
    );
    process.stdout.write(`${made.url}\n`);
    return 0;
  } finally {
    await close();
  }
});
