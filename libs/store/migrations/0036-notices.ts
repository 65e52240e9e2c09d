import { Migration } from '@mikro-orm/migrations';

/** What people are to be told, written with what it tells of. The unique index is the promise: one thing is told once. */
export class Migration0036Notices extends Migration {
  override up(): void {
    this.addSql(
      `create table "notice" ("id" uuid not null, "kind" text not null, "key" text not null, "recipient" text not null, "about" jsonb not null, "data" jsonb not null, "correlation_id" text not null, "created_at" timestamptz(3) not null, "planned_at" timestamptz(3) null, primary key ("id"));`,
    );
    this.addSql('create unique index "notice_thing_unique" on "notice" ("key", "kind", "recipient")');
    this.addSql('create index "notice_new_index" on "notice" ("created_at") where "planned_at" is null');
    this.addSql(
      `create function tenure_notify_notice() returns trigger language plpgsql as $$ begin perform pg_notify('tenure_notice', ''); return null; end $$`,
    );
    this.addSql('create trigger notice_notify after insert on "notice" for each statement execute function tenure_notify_notice()');
    this.addSql('grant select, insert, update, delete on "notice" to tenure_runtime');
  }
}
