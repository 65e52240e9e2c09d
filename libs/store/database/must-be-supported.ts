import { ConfigurationInvalid } from '@tenure/domain';

/** PostgreSQL 15.0, as a `server_version_num`. Notifications need unique indexes in which nulls are equal, which it introduced. */
export const oldestSupported = 150_000;

/** Checks the version of PostgreSQL. @param version `server_version_num` @throws ConfigurationInvalid for a PostgreSQL that is too old */
export function mustBeSupported(version: number): void {
  if (version >= oldestSupported) return;
  const message = `PostgreSQL ${Math.floor(version / 10_000)} is too old: Tenure needs 15 or newer (unique nulls not distinct). Upgrade the server, then start again.`;
  throw new ConfigurationInvalid([{ file: 'environment', line: 1, column: 1, field: 'DATABASE_URL', message }]);
}
