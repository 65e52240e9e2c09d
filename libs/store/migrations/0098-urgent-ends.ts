import { Migration } from '@mikro-orm/migrations';

/** Whom a caller has ended at once, and when: the budget of urgent ends is counted by it. */
export class Migration0098UrgentEnds extends Migration {
  override up(): void {
    this.addSql(
      'create table "urgent_end" ("id" uuid not null, "caller" text not null, "identity_id" uuid not null, "at" timestamptz(3) not null, primary key ("id"))',
    );
    this.addSql('create index "urgent_end_caller_at_index" on "urgent_end" ("caller", "at")');
    this.addSql('grant select, insert, delete on "urgent_end" to tenure_runtime');
  }
}
