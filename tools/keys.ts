import { rotateKey, retireKey, KEY_PURPOSES } from '@tenure/engine/keys';
import { loadFiles } from './policy/load-files.ts';
import { homeOf } from './tenure/home.ts';
import { installationEnvironment } from './tenure/installation-environment.ts';
import { keyLines, keysUsage, readKeysWish } from './tenure/signing-keys.ts';
import { openInstallation } from './tenure/open-installation.ts';
import { findRunning } from './tenure/running-file.ts';
import { readOptions } from './tenure/read-options.ts';
import { runTool } from './tenure/run-tool.ts';

const text = { type: 'string' } as const;

await runTool(async () => {
  const { values, positionals } = readOptions(keysUsage, { options: { now: { type: 'boolean' }, reason: text, config: text }, allowPositionals: true });
  const wish = readKeysWish(positionals, values);
  const home = homeOf(process.env);
  const environment = await installationEnvironment(home, process.env, 'database');
  const url = environment['TENURE_URL'] || (await findRunning(home))?.url;
  const directory = values.config ?? (environment['TENURE_CONFIG'] || 'configuration');
  const settings = await loadFiles(directory, { ...environment, ...(url === undefined ? {} : { TENURE_URL: url }) });
  const { store, context, close } = await openInstallation(environment, 'keys');
  try {
    switch (wish.command) {
      case 'rotate': {
        const { id, signsFrom } = await store.transaction(context, (tx) => rotateKey(tx, settings, wish.purpose, wish.isNow));
        const when = signsFrom <= context.now ? 'signs from now on' : `is published, and signs from ${signsFrom} on`;
        process.stdout.write(`Key ${id} for ${wish.purpose} ${when}.\n`);
        if (wish.isNow && signsFrom > context.now) process.stdout.write(`Run the same command again then: without it, the key signs by the schedule.\n`);
        break;
      }
      case 'retire':
        await store.transaction(context, (tx) => retireKey(tx, settings, wish.key, wish.reason));
        process.stdout.write(`Key ${wish.key} is retired: nothing that it has signed verifies any more, within a minute everywhere.\n`);
        break;
      case 'list':
        for (const purpose of KEY_PURPOSES) {
          const keys = await store.read((tx) => tx.signingKeys.of(purpose));
          process.stdout.write(`${keyLines(purpose, keys, settings, context.now).join('\n')}\n`);
        }
    }
    return 0;
  } finally {
    await close();
  }
});
