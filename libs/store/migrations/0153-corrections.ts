import { Migration } from '@mikro-orm/migrations';

/** Handling of findings: the batch change that corrects one, and findings that are ignored until a date. */
export class Migration0153Corrections extends Migration {
  override up(): void {
    this.addSql('alter table "finding" add column "batch_id" uuid null');
    this.addSql('create index "finding_batch" on "finding" ("batch_id") where "batch_id" is not null');
    this.addSql(
      `create table "ignored_findings" ("id" uuid not null, "target" text not null, "kind" text not null, "name" text null, "finding_id" uuid null, "until" timestamptz(3) not null,
        "reason" text not null, "owner_id" uuid null, "created_by" text not null, "created_at" timestamptz(3) not null, "ended_at" timestamptz(3) null, "end_reason" text null, primary key ("id"))`,
    );
    this.addSql('create index "ignored_findings_target" on "ignored_findings" ("target", "kind") where "ended_at" is null');
    this.addSql('create index "ignored_findings_until" on "ignored_findings" ("until") where "ended_at" is null');
    this.addSql('create index "ignored_findings_ended" on "ignored_findings" ("ended_at") where "ended_at" is not null');
    this.addSql('grant select, insert, update, delete on "ignored_findings" to tenure_runtime');
  }
}
