import { Migration } from '@mikro-orm/migrations';

/** An urgent message stays until the life hears of it too: its work is done by a workflow of its own, on a queue of its own. */
export class Migration0115OutboxDueAt extends Migration {
  override up(): void {
    this.addSql('alter table "outbox" add column "due_at" timestamptz(3) null');
    this.addSql('create index "outbox_urgent_index" on "outbox" ("id") where "urgent"');
  }
}
