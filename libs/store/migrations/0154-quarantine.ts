import { Migration } from '@mikro-orm/migrations';

/** Accounts of nobody that are disabled first, and deleted after a grace. */
export class Migration0154Quarantine extends Migration {
  override up(): void {
    this.addSql(
      `create table "quarantined_account" ("id" uuid not null, "target" text not null, "native_id" text not null, "user_name" text not null, "finding_id" uuid not null, "batch_id" uuid null,
        "state" text not null, "was_enabled" boolean null, "memberships" jsonb null, "attempts" int not null default 0, "failure" jsonb null, "next_at" timestamptz(3) null,
        "created_at" timestamptz(3) not null, "disabled_at" timestamptz(3) null, "delete_at" timestamptz(3) null, "ended_at" timestamptz(3) null, "end_reason" text null, "restore_reason" text null, "correlation_id" text not null,
        primary key ("id"))`,
    );
    this.addSql('create unique index "quarantined_account_open" on "quarantined_account" ("target", "native_id") where "ended_at" is null');
    this.addSql('create index "quarantined_account_next" on "quarantined_account" ("next_at") where "ended_at" is null');
    this.addSql('create index "quarantined_account_page" on "quarantined_account" ("created_at" desc, "id" desc)');
    this.addSql('create index "quarantined_account_ended" on "quarantined_account" ("ended_at") where "ended_at" is not null');
    this.addSql('grant select, insert, update, delete on "quarantined_account" to tenure_runtime');
    this.addSql(
      'create trigger quarantined_account_notify after insert or update on "quarantined_account" for each row when (new.next_at is not null) execute function tenure_notify_reconciliation()',
    );
  }
}
