import { type Configuration, loadConfiguration } from '@tenure/config';
import { homeOf } from './tenure/home.ts';
import { installationEnvironment } from './tenure/installation-environment.ts';
import { openInstallation } from './tenure/open-installation.ts';
import { findRunning } from './tenure/running-file.ts';
import { readOptions } from './tenure/read-options.ts';
import { runTool } from './tenure/run-tool.ts';
import { createToken, mustBeSources, readTokenWish, sourcesOf, tokenUsage } from './tenure/service-token.ts';

const text = { type: 'string' } as const;

await runTool(async () => {
  const wish = readTokenWish(readOptions(tokenUsage, { options: { role: { ...text, multiple: true }, name: text, days: text, responsible: text } }).values);
  const home = homeOf(process.env);
  const environment = await installationEnvironment(home, process.env, 'database');
  if (sourcesOf(wish.roles).length > 0) mustBeSources(wish, Object.keys((await configurationOf(home)).sources));
  const { store, context, close } = await openInstallation(environment, 'token');
  try {
    const { token, serviceToken } = await store.transaction(context, (tx) => createToken(tx, wish));
    process.stderr.write(`API token ${serviceToken.name} (${serviceToken.roles.join(', ')}), valid until ${serviceToken.expiresAt}. It is shown only now:\n`);
    // Alone on standard output, for scripts: TOKEN=$(npm run --silent token -- ...)
    process.stdout.write(`${token}\n`);
    return 0;
  } finally {
    await close();
  }
});

/** Configuration of the installation: secrets to which it refers need not be set here. */
async function configurationOf(home: string): Promise<Configuration> {
  const directory = process.env['TENURE_CONFIG'] || ((await findRunning(home))?.configuration ?? 'configuration');
  return loadConfiguration({ directory, environment: process.env, standIn: 'unset' });
}
