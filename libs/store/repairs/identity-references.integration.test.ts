import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../testing.ts';
import { MOVED_BY_MERGE, MOVED_WITH_ACCOUNT, STAYS } from './identity-references.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** Columns that refer to a person and are handled by code of their own: accounts move by target. */
const byItself = ['account.identity_id'];

/** Columns with the id of something else than a person. A new column of type uuid is to be listed here, or to be handled by a merge. */
const ofOtherThings = [
  ...[
    'access_request',
    'access_grant',
    'account',
    'account_reading',
    'audit_event',
    'case_comment',
    'case_file',
    'credential',
    'delegation',
    'finding',
    'hold',
  ],
  ...[
    'identity',
    'login_link',
    'notice',
    'notice_delivery',
    'operation',
    'operation_attempt',
    'reconciliation_run',
    'repair',
    'request_answer',
    'request_item',
  ],
  ...[
    'application_session',
    'ignored_findings',
    'logout_notice',
    'quarantined_account',
    'separation_exception',
    'service_token',
    'session',
    'source_record',
    'urgent_end',
    'wave',
  ],
]
  .map((table) => `${table}.id`)
  .concat(
    [
      'account_reading.account_id',
      'reconciled_account.account_id',
      'batch_item.batch_id',
      'case_comment.case_id',
      'finding.batch_id',
      'unproven_account.run_id',
      'unproven_account.account_id',
      'case_file.operation_id',
      'credential.parent_id',
      'decision_link.item_id',
    ],
    ['decision_link.request_id', 'finding.account_id', 'finding.run_id', 'finding.checked_run_id', 'finding.closed_run_id', 'hold.operation_id'],
    [
      'ignored_findings.finding_id',
      'quarantined_account.finding_id',
      'quarantined_account.batch_id',
      'import_seen.wave_id',
      'login_confirmation.record_id',
      'login_request.link_id',
      'login_request.replaces',
      'notice_delivery.notice_id',
    ],
    ['openid_artifact.grant_id', 'openid_artifact.credential_id'],
    ['observation.account_id', 'operation.account_id', 'operation_attempt.operation_id', 'outbox.request_id', 'released_user_name.repair_id'],
    ['request_answer.item_id', 'request_answer.request_id', 'request_approver.item_id', 'request_approver.request_id', 'request_item.extends'],
    ['request_item.request_id', 'separation_exception.case_id', 'wave.part_of', 'wave_member.wave_id'],
  );

test('every column that refers to an identity is handled by a merge', async () => {
  const columns = await database.execute(
    `select c.table_name || '.' || c.column_name as name from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
     where c.table_schema = 'public' and t.table_type = 'BASE TABLE' and c.udt_name in ('uuid', '_uuid')`,
  );
  const moved = [...MOVED_BY_MERGE.map(({ table, column }) => `${table}.${column}`), ...MOVED_WITH_ACCOUNT.map((names) => names.join('.'))];
  const handled = [...new Set([...moved, ...byItself, ...Object.keys(STAYS)])];
  const uuids = columns.map(({ name }) => String(name));
  expect(uuids.filter((name) => !handled.includes(name) && !ofOtherThings.includes(name))).toEqual([]);
  // The caller of an urgent end is a text; all other columns are there as they are listed.
  expect([...handled, ...ofOtherThings].filter((name) => !uuids.includes(name))).toEqual(['urgent_end.caller']);
});

test('no column with a reference to an identity passes for the id of something else', async () => {
  const references = await database.execute(
    `select c.conrelid::regclass::text || '.' || a.attname as name from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = any(c.conkey)
     where c.contype = 'f' and c.confrelid = 'identity'::regclass`,
  );
  expect(references.map(({ name }) => String(name)).filter((name) => ofOtherThings.includes(name))).toEqual([]);
});
