import { Migration } from '@mikro-orm/migrations';

/** Who writes which group of a target now, and who was written to it lately: for targets whose groups can only be written whole. */
export class Migration0070GroupLeases extends Migration {
  override up(): void {
    this.addSql(
      `create table "group_lease" ("target" text not null, "group_id" text not null, "held_by" text null, "held_until" timestamptz(3) null, "taken_at" timestamptz(3) not null, "doubted_since" timestamptz(3) null, primary key ("target", "group_id"))`,
    );
    this.addSql(
      `create table "group_write" ("target" text not null, "group_id" text not null, "native_id" text not null, "entitlement" text not null, "at" timestamptz(3) not null, primary key ("target", "group_id", "native_id"))`,
    );
    this.addSql('grant select, insert, update, delete on "group_lease", "group_write" to tenure_runtime');
  }
}
