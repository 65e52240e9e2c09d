import { Migration } from '@mikro-orm/migrations';

/** Many people at once: one row to hand to Temporal, and who belongs to it for as long as it is worked on. */
export class Migration0006Waves extends Migration {
  override up(): void {
    this.addSql(
      `create table "wave" ("id" uuid not null, "trigger" text not null, "is_decided" boolean not null, "people" int not null, "correlation_id" text not null, "created_at" timestamptz(3) not null, "started_at" timestamptz(3) null, "finished_at" timestamptz(3) null, primary key ("id"));`,
    );
    this.addSql(
      `create table "wave_member" ("wave_id" uuid not null, "identity_id" uuid not null, "must_wake" boolean not null, primary key ("wave_id", "identity_id"));`,
    );
    this.addSql('alter table "wave_member" add constraint "wave_member_wave_id_foreign" foreign key ("wave_id") references "wave" ("id")');
    this.addSql('alter table "wave_member" add constraint "wave_member_identity_id_foreign" foreign key ("identity_id") references "identity" ("id")');
    this.addSql('create index "wave_waiting_index" on "wave" ("created_at") where "started_at" is null');
    this.addSql('create trigger wave_notify after insert on "wave" for each statement execute function tenure_notify_outbox()');
    this.addSql('grant select, insert, update, delete on "wave", "wave_member" to tenure_runtime');
  }
}
