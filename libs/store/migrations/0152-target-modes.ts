import { Migration } from '@mikro-orm/migrations';

/**
 * Accounts that others have changed in their target, the mode of each target, and the accounts about which a complete run could not speak. A target
 * in which accounts were desired before is one that Tenure writes to already.
 */
export class Migration0152TargetModes extends Migration {
  override up(): void {
    this.addSql('alter table "account" add column "drifted_at" timestamptz(3) null');
    this.addSql(`create index "account_unsettled" on "account" ("target", "identity_id") where "confirmed_at" is null and "not_visible_at" is null`);
    this.addSql(
      `create table "target_mode" ("target" text not null, "mode" text not null check ("mode" in ('observe', 'enforce')), "why" text not null, "since" timestamptz(3) not null, "by" text not null,
        "reason" text null, "written_at" timestamptz(3) null, "configured" text null, primary key ("target"))`,
    );
    this.addSql(
      `insert into "target_mode" ("target", "mode", "why", "since", "by", "written_at") select distinct "target", 'enforce', 'written-before', now(), 'tenure', now() from "account" where "existed"`,
    );
    this.addSql('create table "unproven_account" ("run_id" uuid not null, "account_id" uuid not null, primary key ("run_id", "account_id"))');
    this.addSql('alter table "reconciliation_run" add column "silent" int not null default 0');
    this.addSql('grant select, insert, update, delete on "target_mode", "unproven_account" to tenure_runtime');
  }
}
