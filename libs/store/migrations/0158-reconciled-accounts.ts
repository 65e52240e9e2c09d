import { Migration } from '@mikro-orm/migrations';

/**
 * States of accounts that a run has found to be as desired. Unlogged: they are a cache, and empty after a crash of the database, when the next run
 * compares all accounts again.
 */
export class Migration0158ReconciledAccounts extends Migration {
  override up(): void {
    this.addSql(
      `create unlogged table "reconciled_account" ("account_id" uuid not null references "account" ("id") on delete cascade, "staged_hash" text not null, "desired_hash" text not null,
        "valid_until" timestamptz(3) null, primary key ("account_id"))`,
    );
    this.addSql('grant select, insert, update, delete on "reconciled_account" to tenure_runtime');
  }
}
