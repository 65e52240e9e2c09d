import { homeOf } from './tenure/home.ts';
import { installationEnvironment } from './tenure/installation-environment.ts';
import { mustMigrate } from './tenure/must-migrate.ts';
import { runTool } from './tenure/run-tool.ts';

// npm run migrate: brings the database's schema up to date, as its owner. npm start does it by itself.
await runTool(async () => {
  const owner = process.env['MIGRATION_DATABASE_URL'];
  const running = owner ? null : await installationEnvironment(homeOf(process.env), process.env, 'database');
  const applied = await mustMigrate(owner || running?.['MIGRATION_DATABASE_URL'] || (running?.DATABASE_URL ?? ''));
  process.stdout.write(applied.length === 0 ? 'The database is up to date.\n' : `The database was brought up to date: ${applied.join(', ')}.\n`);
  return 0;
});
