import { expect, test } from '@jest/globals';
import { mustBeSupported } from '@tenure/store';
import { mustMigrate } from './must-migrate.ts';

const url = 'postgresql://owner:secret@db.example/tenure';

test('a database that is too old is said to be that, and nobody is sent to look for it elsewhere', async () => {
  await expect(mustMigrate(url, async () => [String(mustBeSupported(140_023))])).rejects.toThrow(
    /^The database tenure on db.example:5432 cannot be used: PostgreSQL 14 is too old: Tenure needs 15 or newer .*then start again\.$/,
  );
});

test('a database that does not answer is named without its password, with what to look for', async () => {
  const away = mustMigrate(url, async () => Promise.reject(new Error('connect ECONNREFUSED')));
  await expect(away).rejects.toThrow(
    'The database tenure on db.example:5432 cannot be used: connect ECONNREFUSED. Is PostgreSQL running there, and is the address right?',
  );
});
