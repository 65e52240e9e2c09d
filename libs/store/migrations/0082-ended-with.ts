import { Migration } from '@mikro-orm/migrations';

/** Relationships with which requested access and SoD exceptions ended: they are restored where the record of that end is corrected. */
export class Migration0082EndedWith extends Migration {
  override up(): void {
    for (const table of ['request_item', 'separation_exception']) this.addSql(`alter table "${table}" add column "ended_with" jsonb null`);
  }
}
