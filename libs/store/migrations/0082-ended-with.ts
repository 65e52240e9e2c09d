import { Migration } from '@mikro-orm/migrations';

/** What was asked for and what was allowed ends with a person's time, and comes back where the record that said so is corrected: with which relationships it ended. */
export class Migration0082EndedWith extends Migration {
  override up(): void {
    for (const table of ['request_item', 'separation_exception']) this.addSql(`alter table "${table}" add column "ended_with" jsonb null`);
  }
}
