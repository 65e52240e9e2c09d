import { Migration } from '@mikro-orm/migrations';

/** Postponed runs, canaries that a listing lacked, the shared pace of calls to each target, and batch changes by the correlation id of their operations. */
export class Migration0155FurtherFindings extends Migration {
  override up(): void {
    this.addSql('alter table "reconciliation_run" add column "waits_until" timestamptz(3) null, add column "missing_canaries" jsonb not null default \'[]\'');
    this.addSql('create table "target_pace" ("target" text not null, "free_at" timestamptz not null, primary key ("target"))');
    this.addSql('grant select, insert, update, delete on "target_pace" to tenure_runtime');
    this.addSql('create index "wave_correlation" on "wave" ("correlation_id")');
  }
}
