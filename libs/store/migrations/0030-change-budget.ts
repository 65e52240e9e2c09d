import { Migration } from '@mikro-orm/migrations';

/** What waits for a person before anything of it is in force, and what sources have taken away of late. */
export class Migration0030ChangeBudget extends Migration {
  override up(): void {
    this.addSql(
      `alter table "wave" add column "standing" text not null default 'free', add column "source" text null, add column "policy" jsonb null, add column "policy_digest" text null, add column "plan" jsonb null, add column "decided_by" text null, add column "decided_at" timestamptz(3) null, add column "decision_reason" text null;`,
    );
    this.addSql('drop index "wave_waiting_index"');
    this.addSql(`create index "wave_waiting_index" on "wave" ("created_at") where "started_at" is null and "standing" = 'free'`);
    this.addSql(`create index "wave_held_index" on "wave" ("source") where "standing" = 'held'`);
    this.addSql('create trigger wave_freed_notify after update of "standing" on "wave" for each statement execute function tenure_notify_outbox()');
    this.addSql(
      `create table "wave_record" ("wave_id" uuid not null, "external_id" text not null, "source" text not null, "version" text not null, "record" jsonb not null, "identity_id" uuid null, "changes" jsonb not null, "held_at" timestamptz(3) not null, primary key ("wave_id", "external_id"));`,
    );
    this.addSql('alter table "wave_record" add constraint "wave_record_wave_id_foreign" foreign key ("wave_id") references "wave" ("id")');
    this.addSql('create index "wave_record_source_external_id_index" on "wave_record" ("source", "external_id")');
    this.addSql(
      `create table "budget_use" ("id" bigserial primary key, "source" text not null, "target" text not null, "kind" text not null, "person" text not null, "at" timestamptz(3) not null);`,
    );
    this.addSql('create index "budget_use_source_at_index" on "budget_use" ("source", "at")');
    this.addSql(`create index "account_in_use_index" on "account" ("target") where "desired"->>'state' = 'enabled'`);
    this.addSql('grant select, insert, update, delete on "wave_record", "budget_use" to tenure_runtime');
    this.addSql('grant usage on sequence "budget_use_id_seq" to tenure_runtime');
  }
}
