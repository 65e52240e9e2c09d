import { homeOf } from './tenure/home.ts';
import { installationEnvironment } from './tenure/installation-environment.ts';
import { mustMigrate } from './tenure/must-migrate.ts';
import { readOptions } from './tenure/read-options.ts';
import { runTool } from './tenure/run-tool.ts';

const usage = {
  command: 'npm run migrate',
  does: 'Applies pending migrations to the database, as its owner (MIGRATION_DATABASE_URL). npm start does so by itself.',
};

await runTool(async () => {
  readOptions(usage, {});
  const owner = process.env['MIGRATION_DATABASE_URL'];
  const running = owner ? null : await installationEnvironment(homeOf(process.env), process.env, 'database');
  const applied = await mustMigrate(owner || running?.['MIGRATION_DATABASE_URL'] || (running?.DATABASE_URL ?? ''));
  process.stdout.write(applied.length === 0 ? 'The database is up to date.\n' : `The database is up to date; applied migrations: ${applied.join(', ')}.\n`);
  return 0;
});
