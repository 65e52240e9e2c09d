import { Migration } from '@mikro-orm/migrations';

/** Results of the last test of each target and identity provider, with the time of the next test and of a requested one. */
export class Migration0055ConnectionChecks extends Migration {
  override up(): void {
    this.addSql(
      `create table "connection_check" ("kind" text not null, "name" text not null, "result" jsonb null, "is_working" boolean null, "checked_at" timestamptz(3) null, "checked_by" text null, "since" timestamptz(3) null, "failures" int not null default 0, "next_at" timestamptz(3) not null, "requested_at" timestamptz(3) null, primary key ("kind", "name"))`,
    );
    this.addSql('create index "connection_check_next_at_index" on "connection_check" ("next_at")');
    this.addSql(
      `create function tenure_notify_connection() returns trigger language plpgsql as $$ begin perform pg_notify('tenure_connection', new.kind || '/' || new.name); return null; end $$`,
    );
    this.addSql(
      'create trigger connection_check_notify after update on "connection_check" for each row when (new.requested_at is distinct from old.requested_at and new.requested_at is not null) execute function tenure_notify_connection()',
    );
    this.addSql('grant select, insert, update, delete on "connection_check" to tenure_runtime');
  }
}
