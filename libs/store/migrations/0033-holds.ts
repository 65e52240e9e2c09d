import { Migration } from '@mikro-orm/migrations';

/** What operators hold back for a while: a target, a person, one operation. */
export class Migration0033Holds extends Migration {
  override up(): void {
    this.addSql(
      'create table "hold" ("id" uuid not null, "kind" text not null, "identity_id" uuid null, "target" text null, "operation_id" uuid null, "until" timestamptz(3) not null, "keeps_access" boolean not null, "reason" text not null, "placed_by" text not null, "placed_at" timestamptz(3) not null, "ended_at" timestamptz(3) null, "ended_by" text null, "is_told" boolean not null, primary key ("id"))',
    );
    this.addSql('alter table "hold" add constraint "hold_identity_id_foreign" foreign key ("identity_id") references "identity" ("id")');
    this.addSql('alter table "hold" add constraint "hold_operation_id_foreign" foreign key ("operation_id") references "operation" ("id")');
    this.addSql(`create index "hold_open_index" on "hold" ("identity_id") where "ended_at" is null`);
    this.addSql('create trigger hold_notify after insert or update on "hold" for each row execute function tenure_notify_identity()');
    this.addSql('create trigger hold_notify_outbox after insert on "hold" for each statement execute function tenure_notify_outbox()');
    this.addSql('grant select, insert, update on "hold" to tenure_runtime');
  }
}
