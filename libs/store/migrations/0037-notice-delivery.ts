import { Migration } from '@mikro-orm/migrations';

/** Who is told in which way, what people chose about it, and links by which a question can be answered from a mail. */
export class Migration0037NoticeDelivery extends Migration {
  override up(): void {
    this.addSql(
      `create table "notice_delivery" ("id" uuid not null, "notice_id" uuid not null, "kind" text not null, "key" text not null, "channel" text not null, "endpoint" text not null, "recipient_id" uuid null, "status" text not null, "attempts" int not null, "due_at" timestamptz(3) not null, "code" text null, "created_at" timestamptz(3) not null, "settled_at" timestamptz(3) null, primary key ("id"));`,
    );
    this.addSql(
      'alter table "notice_delivery" add constraint "notice_delivery_notice_id_foreign" foreign key ("notice_id") references "notice" ("id") on delete cascade',
    );
    this.addSql(
      'alter table "notice_delivery" add constraint "notice_delivery_recipient_id_foreign" foreign key ("recipient_id") references "identity" ("id")',
    );
    // Who is told of a thing as its owner and as an operator is told once.
    this.addSql(
      'create unique index "notice_delivery_once_unique" on "notice_delivery" ("key", "kind", "channel", "endpoint", "recipient_id") nulls not distinct',
    );
    this.addSql(`create index "notice_delivery_due_index" on "notice_delivery" ("due_at") where "status" = 'waiting'`);
    this.addSql(`create index "notice_delivery_recipient_index" on "notice_delivery" ("recipient_id", "created_at") where "recipient_id" is not null`);
    this.addSql('create index "notice_delivery_notice_id_index" on "notice_delivery" ("notice_id")');
    this.addSql('create table "notice_choice" ("identity_id" uuid not null, "approvals" text not null, primary key ("identity_id"));');
    this.addSql('alter table "notice_choice" add constraint "notice_choice_identity_id_foreign" foreign key ("identity_id") references "identity" ("id")');
    this.addSql(
      `create table "decision_link" ("token_hash" text not null, "item_id" uuid not null, "request_id" uuid not null, "stage" int not null, "approver_id" uuid not null, "created_at" timestamptz(3) not null, "expires_at" timestamptz(3) not null, "used_at" timestamptz(3) null, primary key ("token_hash"));`,
    );
    this.addSql('create index "decision_link_question_index" on "decision_link" ("item_id", "stage", "approver_id")');
    this.addSql('grant select, insert, update, delete on "notice_delivery", "notice_choice", "decision_link" to tenure_runtime');
  }
}
