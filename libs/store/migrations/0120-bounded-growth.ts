import { Migration } from '@mikro-orm/migrations';

/**
 * Attempts that failed in the same way are one row, with the first, the last and how many they were. Whatever is past its retention is
 * found by an index. Readings of leavers, which prove that an account was closed, can be deleted a year after they were made and no sooner.
 */
export class Migration0120BoundedGrowth extends Migration {
  override up(): void {
    this.addSql('alter table "operation_attempt" add column "last_at" timestamptz(3) null, add column "count" int not null default 1');
    // A newer version that says nothing new, and the one that it was compared with: stored when the import is finished.
    this.addSql('alter table "import_seen" add column "record" jsonb null, add column "known_version" text null');
    this.addSql(`create index "account_unsettled_index" on "account" ("identity_id") where "confirmed_at" is null and "not_visible_at" is null`);
    this.addSql('create index "account_reading_account_id_at_index" on "account_reading" ("account_id", "at")');
    for (const [table, column] of expiring)
      this.addSql(`create index "${table}_${column}_retention_index" on "${table}" ("${column}") where "${column}" is not null`);
    this.addSql('create index "account_reading_at_retention_index" on "account_reading" ("at")');
    this.addSql('grant delete on "account_reading", "case_comment" to tenure_runtime');
    this.addSql(`create function tenure_reading_is_old() returns trigger language plpgsql as $$ begin
      if old.at > now() - interval '365 days' then
        raise exception 'a reading of the account of somebody who has left is kept for a year at least' using errcode = 'insufficient_privilege';
      end if;
      return old;
    end $$`);
    this.addSql('create trigger account_reading_kept before delete on "account_reading" for each row execute function tenure_reading_is_old()');
  }
}

/** Tables from which rows are deleted some time after what this column says. */
const expiring = [
  ['operation', 'finished_at'],
  ['case_file', 'closed_at'],
  ['access_grant', 'ended_at'],
  ['wave', 'finished_at'],
] as const;
