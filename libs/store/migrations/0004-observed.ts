import { Migration } from '@mikro-orm/migrations';

/** The span in which a change was made travels with it, and what metrics count has indexes of what is open. */
export class Migration0004Observed extends Migration {
  override up(): void {
    this.addSql('alter table "outbox" add column "traceparent" text null');
    this.addSql('create index "account_unconfirmed_index" on "account" ("target", "desired_since") where "confirmed_at" is null');
    this.addSql(`create index "operation_open_index" on "operation" ("target", "status") where "status" in ('pending', 'failed')`);
  }
}
