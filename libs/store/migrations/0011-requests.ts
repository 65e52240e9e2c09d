import { Migration } from '@mikro-orm/migrations';

/** What people ask for, item by item: who was asked, what they answered, and what of it is granted. Temporal is told through the outbox. */
export class Migration0011Requests extends Migration {
  override up(): void {
    this.addSql(
      `create table "access_request" ("id" uuid not null, "identity_id" uuid not null, "requested_by" uuid not null, "justification" text not null, "status" text not null, "correlation_id" text not null, "created_at" timestamptz(3) not null, "closed_at" timestamptz(3) null, primary key ("id"))`,
    );
    this.addSql(
      `create table "request_item" ("id" uuid not null, "request_id" uuid not null, "position" int not null, "identity_id" uuid not null, "kind" text not null, "name" text not null, "rule" text not null, "policy_version" int not null, "duration" text not null, "exceptions" jsonb not null, "stages" jsonb not null, "extends" uuid null, "status" text not null, "reason" text null, "stage" int not null, "level" int not null, "due_at" timestamptz(3) null, "remind_at" timestamptz(3) null, "decided_at" timestamptz(3) null, "valid_from" timestamptz(3) null, "valid_until" timestamptz(3) null, "ended_at" timestamptz(3) null, "kept_at" timestamptz(3) null, primary key ("id"))`,
    );
    this.addSql(
      `create table "request_approver" ("item_id" uuid not null, "stage" int not null, "approver_id" uuid not null, "request_id" uuid not null, "via" text not null, "level" int not null, "asked_at" timestamptz(3) not null, "ended_at" timestamptz(3) null, "end_reason" text null, primary key ("item_id", "stage", "approver_id"))`,
    );
    this.addSql(
      `create table "request_answer" ("id" uuid not null, "item_id" uuid not null, "request_id" uuid not null, "stage" int null, "given_by" uuid not null, "approves" boolean not null, "comment" text not null, "given_at" timestamptz(3) not null, "outcome" text null, "judged_at" timestamptz(3) null, primary key ("id"))`,
    );
    for (const [table, column, other] of [
      ['access_request', 'identity_id', 'identity'],
      ['access_request', 'requested_by', 'identity'],
      ['request_item', 'request_id', 'access_request'],
      ['request_approver', 'item_id', 'request_item'],
      ['request_approver', 'approver_id', 'identity'],
      ['request_answer', 'item_id', 'request_item'],
      ['request_answer', 'given_by', 'identity'],
    ] as const) {
      this.addSql(`alter table "${table}" add constraint "${table}_${column}_foreign" foreign key ("${column}") references "${other}" ("id")`);
    }
    this.addSql('create index "access_request_identity_index" on "access_request" ("identity_id", "created_at")');
    this.addSql('create index "access_request_asker_index" on "access_request" ("requested_by", "created_at")');
    this.addSql(`create index "access_request_open_index" on "access_request" ("id") where "status" = 'open'`);
    this.addSql('create index "request_item_request_index" on "request_item" ("request_id")');
    this.addSql(`create index "request_item_in_force_index" on "request_item" ("identity_id") where "status" = 'approved'`);
    this.addSql(`create unique index "request_item_open_unique" on "request_item" ("identity_id", "kind", "name") where "status" = 'open'`);
    this.addSql(`create index "request_item_due_index" on "request_item" (least("due_at", "remind_at")) where "status" = 'open'`);
    this.addSql('create index "request_approver_waiting_index" on "request_approver" ("approver_id") where "ended_at" is null');
    this.addSql('create index "request_answer_item_index" on "request_answer" ("item_id")');
    // One answer of a person to a stage counts; the database holds it too.
    this.addSql(`create unique index "request_answer_counted_unique" on "request_answer" ("item_id", "stage", "given_by") where "outcome" = 'counted'`);
    this.addSql('alter table "outbox" add column "request_id" uuid null');
    for (const table of ['access_request', 'request_item'])
      this.addSql(`create trigger ${table}_notify after insert or update on "${table}" for each row execute function tenure_notify_identity()`);
    this.addSql('grant select, insert, update on "access_request", "request_item", "request_approver", "request_answer" to tenure_runtime');
  }
}
