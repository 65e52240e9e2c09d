import { parseArgs } from 'node:util';
import { createLoginLink } from '@tenure/engine/login';
import { loadFiles } from './policy/load-files.ts';
import { homeOf } from './tenure/home.ts';
import { installationEnvironment } from './tenure/installation-environment.ts';
import { openInstallation } from './tenure/open-installation.ts';
import { findRunning } from './tenure/running-file.ts';
import { runTool } from './tenure/run-tool.ts';

const usage = 'Write: npm run login-link -- --user <user name> --provider <name in tenure.yaml> --reason <why> [--hours <n>] [--config <folder>]';

// npm run login-link -- --user ada.lovelace --provider company --reason "First administrator": binds Ada's login, once, whatever the provider says of her.
await runTool(async () => {
  const { user, provider, reason, hours, config } = parse();
  if (!user?.trim() || !provider?.trim() || !reason?.trim()) throw new Error(`Provide --user, --provider and --reason. ${usage}`);
  const home = homeOf(process.env);
  const environment = await installationEnvironment(home, process.env, 'database');
  const url = environment['TENURE_URL'] || (await findRunning(home))?.url;
  const directory = config ?? (environment['TENURE_CONFIG'] || 'configuration');
  const configuration = await loadFiles(directory, { ...environment, ...(url === undefined ? {} : { TENURE_URL: url }) });
  const { store, context, close } = await openInstallation(environment, 'login-link');
  try {
    const made = await store.transaction(context, async (tx) => {
      const person = await tx.identities.byUserName(user.trim());
      if (person === null) throw new Error(`No identity has the user name "${user.trim()}".`);
      const createdBy = `${context.actor.kind} ${context.actor.id}`;
      return createLoginLink(tx, configuration, { identityId: person.id, provider: provider.trim(), hours: Number(hours), reason: reason.trim(), createdBy });
    });
    process.stderr.write(`A link for ${user.trim()}, good once until ${made.expiresAt}. It is shown only now, and whoever has it can become them:\n`);
    process.stdout.write(`${made.url}\n`);
    return 0;
  } finally {
    await close();
  }
});

function parse(): { readonly user?: string; readonly provider?: string; readonly reason?: string; readonly hours: string; readonly config?: string } {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({ options: { user: text, provider: text, reason: text, hours: { ...text, default: '24' }, config: text } }).values;
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}. ${usage}`, { cause: error });
  }
}
