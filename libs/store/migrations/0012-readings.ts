import { Migration } from '@mikro-orm/migrations';

/** What each look at a leaver's account has shown; as the audit, it can be added to and read, not changed. */
export class Migration0012Readings extends Migration {
  override up(): void {
    this.addSql(
      `create table "account_reading" ("id" uuid not null, "identity_id" uuid not null, "account_id" uuid not null, "target" text not null, "at" timestamptz(3) not null, "found" text not null, "entitlements" jsonb not null, "wanted" text not null, "is_as_wanted" boolean not null, "correlation_id" text not null, primary key ("id"));`,
    );
    this.addSql('create index "account_reading_identity_id_at_index" on "account_reading" ("identity_id", "at")');
    this.addSql('alter table "account_reading" add constraint "account_reading_identity_id_foreign" foreign key ("identity_id") references "identity" ("id")');
    this.addSql('alter table "account_reading" add constraint "account_reading_account_id_foreign" foreign key ("account_id") references "account" ("id")');
    this.addSql('grant select, insert on "account_reading" to tenure_runtime');
  }
}
