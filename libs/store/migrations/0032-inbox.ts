import { Migration } from '@mikro-orm/migrations';

/** Cases as one inbox: whose they are, who is on them, what was said, when they go to the next in line; with the open approvals of requests beside them. */
export class Migration0032Inbox extends Migration {
  override up(): void {
    this.addSql(
      'alter table "case_file" add column "owner_group" text null, add column "claimed_by" uuid null, add column "claimed_at" timestamptz(3) null, add column "level" int not null default 0, add column "tended_at" timestamptz(3) null, add column "tend_at" timestamptz(3) null, add column "is_told" boolean not null default false',
    );
    this.addSql('alter table "case_file" alter column "level" drop default, alter column "is_told" drop default');
    this.addSql('update "case_file" set "tend_at" = "opened_at"');
    this.addSql('alter table "case_file" add constraint "case_file_claimed_by_foreign" foreign key ("claimed_by") references "identity" ("id")');
    this.addSql(`create index "case_file_untold_index" on "case_file" ("id") where "status" = 'open' and not "is_told"`);
    this.addSql(`create index "case_file_tend_at_index" on "case_file" ("tend_at") where "status" = 'open'`);
    this.addSql(`create index "case_file_claimed_by_index" on "case_file" ("claimed_by") where "status" = 'open'`);
    this.addSql(`create index "case_file_owner_group_index" on "case_file" ("owner_group") where "status" = 'open'`);
    this.addSql('create index "case_file_opened_at_index" on "case_file" ("opened_at", "id")');
    this.addSql('create index "case_file_kind_index" on "case_file" ("kind", "opened_at")');
    this.addSql(
      'create table "case_comment" ("id" uuid not null, "case_id" uuid not null, "by_kind" text not null, "by_id" text not null, "text" text not null, "at" timestamptz(3) not null, primary key ("id"))',
    );
    this.addSql('alter table "case_comment" add constraint "case_comment_case_id_foreign" foreign key ("case_id") references "case_file" ("id")');
    this.addSql('create index "case_comment_case_id_index" on "case_comment" ("case_id", "at")');
    this.addSql(`create view "inbox" as
      select "id", "kind", "key", "status", "identity_id", "target", "operation_id", "evidence", "owner_id", "owner_group", "claimed_by", "claimed_at", "level",
        "deadline", "opened_at", "closed_at", "closed_by", "resolution" from "case_file"
      union all
      select i."id", 'request-approval', 'request-approval/' || i."id", case when i."status" = 'open' then 'open' else 'closed' end, i."identity_id", null, null,
        jsonb_build_object('requestId', i."request_id", 'itemId', i."id", 'kind', i."kind", 'name', i."name", 'duration', i."duration",
          'stage', i."stages"->i."stage"->>'name', 'requestedBy', r."requested_by"),
        null, null, null, null, i."level", i."due_at", r."created_at", i."decided_at", case when i."status" = 'open' then null else 'request ' || i."request_id" end,
        case when i."status" = 'open' then null else i."status" end
      from "request_item" i join "access_request" r on r."id" = i."request_id" where jsonb_array_length(i."stages") > 0`);
    // Whoever looks at an inbox is told that something in it may be another; which case it is, whoever follows that one.
    this.addSql(`create function tenure_notify_inbox() returns trigger language plpgsql as $$
      begin perform pg_notify('tenure_identity', 'inbox'); return null; end $$`);
    for (const table of ['case_file', 'case_comment', 'request_approver', 'request_answer', 'request_item'])
      this.addSql(`create trigger ${table}_notify_inbox after insert or update on "${table}" for each row execute function tenure_notify_inbox()`);
    this.addSql('create trigger case_file_notify after insert or update on "case_file" for each row execute function tenure_notify_itself()');
    this.addSql('create trigger case_file_notify_outbox after insert on "case_file" for each statement execute function tenure_notify_outbox()');
    this.addSql('grant select, insert on "case_comment" to tenure_runtime');
    this.addSql('grant select on "inbox" to tenure_runtime');
  }
}
