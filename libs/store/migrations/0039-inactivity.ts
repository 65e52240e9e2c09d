import { Migration } from '@mikro-orm/migrations';

/** When people were last seen, and since when they count as idle where policy watches over it. */
export class Migration0039Inactivity extends Migration {
  override up(): void {
    this.addSql(
      `alter table "identity" add column "last_activity_at" timestamptz(3) null, add column "idle_since" timestamptz(3) null, add column "reported_activity" jsonb not null default '[]'`,
    );
    this.addSql('alter table "identity" alter column "reported_activity" drop default');
  }
}
