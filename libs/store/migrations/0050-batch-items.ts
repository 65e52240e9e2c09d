import { Migration } from '@mikro-orm/migrations';

/**
 * Items of a batch change, kept with their result: a record of a source, or a person in a policy version. Takes the place of
 * wave_record, whose rows went when they were taken, so that nobody could see what had become of them.
 */
export class Migration0050BatchItems extends Migration {
  override up(): void {
    this.addSql(
      `create table "batch_item" ("batch_id" uuid not null, "key" text not null, "source" text null, "version" text null, "record" jsonb null, "has_vanished" boolean not null default false, "identity_id" uuid null, "changes" jsonb not null, "before" jsonb null, "after" jsonb null, "result" text not null default 'pending', "reason" text null, "attempts" int not null default 0, "added_at" timestamptz(3) not null, "settled_at" timestamptz(3) null, primary key ("batch_id", "key"));`,
    );
    this.addSql('alter table "batch_item" add constraint "batch_item_batch_id_foreign" foreign key ("batch_id") references "wave" ("id")');
    this.addSql(`create index "batch_item_pending_index" on "batch_item" ("source", "key") where "result" = 'pending'`);
    this.addSql('create index "batch_item_identity_id_index" on "batch_item" ("identity_id")');
    this.addSql('grant select, insert, update, delete on "batch_item" to tenure_runtime');
    this.addSql(
      `alter table "wave" add column "part_of" uuid null, add column "approvable" jsonb not null default '[]', add column "released_at" timestamptz(3) null, add column "problem" text null;`,
    );
    this.addSql('alter table "wave" add constraint "wave_part_of_foreign" foreign key ("part_of") references "wave" ("id")');
    this.addSql('create index "wave_part_of_index" on "wave" ("part_of") where "part_of" is not null');
    this.addSql(`create index "wave_under_way_index" on "wave" ("created_at") where "finished_at" is null and "standing" = 'free'`);

    this.addSql(`update "wave" set "released_at" = coalesce("decided_at", "created_at") where "standing" = 'free'`);
    this.addSql(`update "wave" set "approvable" = jsonb_build_array("plan"->>'digest') where "plan" is not null and "standing" = 'held'`);
    this.addSql(
      `insert into "batch_item" ("batch_id", "key", "source", "version", "record", "has_vanished", "identity_id", "changes", "added_at") select "wave_id", "external_id", "source", "version", "record", coalesce(("record"->>'hasVanished')::boolean, false), "identity_id", "changes", "held_at" from "wave_record"`,
    );
    // Released, and finished or forgotten by an earlier version before all of it was carried out. Who was not named that long ago may have
    // been named since, which was not noted then: the next complete import says who is gone.
    this.addSql(
      `update "batch_item" i set "result" = 'fell-away', "reason" = 'superseded', "record" = null, "settled_at" = now() from "wave" w where w."id" = i."batch_id" and w."standing" = 'free' and i."has_vanished" and (w."finished_at" is not null or i."added_at" < now() - interval '1 day')`,
    );
    this.addSql(
      `update "wave" w set "started_at" = null, "finished_at" = null where w."standing" = 'free' and w."source" is not null and exists (select 1 from "batch_item" i where i."batch_id" = w."id" and i."result" = 'pending')`,
    );
    this.addSql('drop table "wave_record"');
  }
}
