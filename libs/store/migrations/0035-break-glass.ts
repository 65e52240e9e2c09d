import { Migration } from '@mikro-orm/migrations';

/** Access that was taken in an emergency, with what came of its review; and when a person is told that what they asked for ends. */
export class Migration0035BreakGlass extends Migration {
  override up(): void {
    this.addSql(
      'alter table "request_item" add column "is_break_glass" boolean not null default false, add column "end_notice_at" timestamptz(3) null, add column "review" text null, add column "review_comment" text null, add column "reviewed_by" uuid null, add column "reviewed_at" timestamptz(3) null',
    );
    this.addSql('alter table "request_item" add constraint "request_item_reviewed_by_foreign" foreign key ("reviewed_by") references "identity" ("id")');
  }
}
