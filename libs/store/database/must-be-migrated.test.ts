import { expect, test } from '@jest/globals';
import { mustBeMigrated } from './must-be-migrated.ts';
import { mustBeSupported } from './must-be-supported.ts';

test('a process refuses a database that lacks migrations, and names them', async () => {
  await expect(mustBeMigrated({ missingMigrations: async () => ['0135-source-contacts'] })).rejects.toThrow(
    'the database lacks 0135-source-contacts: run npm run migrate first',
  );
  await expect(mustBeMigrated({ missingMigrations: async () => [] })).resolves.toBeUndefined();
});

test('a database that does not answer is said to be that, and one that is too old is not', async () => {
  await expect(mustBeMigrated({ missingMigrations: async () => Promise.reject(new Error('connect ECONNREFUSED 127.0.0.1:5432')) })).rejects.toThrow(
    'the database of DATABASE_URL does not answer (connect ECONNREFUSED 127.0.0.1:5432)',
  );
  await expect(mustBeMigrated({ missingMigrations: async () => [String(mustBeSupported(140_000))] })).rejects.toThrow('PostgreSQL 14 is too old');
});
