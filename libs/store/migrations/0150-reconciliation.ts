import { Migration } from '@mikro-orm/migrations';

/** Runs that read whole targets, what they found, and a schema in which each run may make a table of its own. */
export class Migration0150Reconciliation extends Migration {
  override up(): void {
    // Nothing else lies in it: the processes may create there, and nowhere else.
    this.addSql('create schema "staging"');
    this.addSql('grant usage, create on schema "staging" to tenure_runtime');
    this.addSql(
      `create table "reconciliation_run" ("id" uuid not null, "target" text not null, "trigger" text not null, "requested_by" text null, "reason" text null, "expects_fewer" boolean not null default false,
        "requested_at" timestamptz(3) not null, "handed_at" timestamptz(3) null, "started_at" timestamptz(3) null, "read_at" timestamptz(3) null, "finished_at" timestamptz(3) null,
        "next_page" text null, "pages" int not null default 0, "accounts" int not null default 0, "repeated" int not null default 0, "total" int null, "total_changed" boolean not null default false,
        "is_by_position" boolean not null default false, "doubt" text null, "failure" jsonb null, "verdict" text null, "reasons" jsonb not null default '[]',
        "found" int null, "opened" int null, "closed" int null, "unproven" int null, primary key ("id"))`,
    );
    this.addSql('create index "reconciliation_run_target" on "reconciliation_run" ("target", "requested_at" desc, "id" desc)');
    this.addSql('create unique index "reconciliation_run_waiting" on "reconciliation_run" ("target") where "started_at" is null and "finished_at" is null');
    this.addSql('create index "reconciliation_run_finished" on "reconciliation_run" ("finished_at")');
    this.addSql(
      `create table "finding" ("id" uuid not null, "target" text not null, "kind" text not null, "subject" text not null, "name" text not null, "identity_id" uuid null, "account_id" uuid null,
        "native_id" text null, "user_name" text null, "is_urgent" boolean not null, "evidence" jsonb not null, "first_seen_at" timestamptz(3) not null, "last_seen_at" timestamptz(3) not null,
        "run_id" uuid not null, "checked_run_id" uuid not null, "closed_at" timestamptz(3) null, "closed_run_id" uuid null, primary key ("id"))`,
    );
    this.addSql('create unique index "finding_open" on "finding" ("target", "kind", "subject", "name") where "closed_at" is null');
    this.addSql('create index "finding_page" on "finding" ("first_seen_at" desc, "id" desc)');
    this.addSql('create index "finding_identity" on "finding" ("identity_id")');
    this.addSql('create index "finding_closed" on "finding" ("closed_at") where "closed_at" is not null');
    this.addSql('grant select, insert, update, delete on "reconciliation_run", "finding" to tenure_runtime');
    this.addSql(
      `create function tenure_notify_reconciliation() returns trigger language plpgsql as $$ begin perform pg_notify('tenure_outbox', ''); return null; end $$`,
    );
    this.addSql(
      'create trigger reconciliation_run_notify after insert on "reconciliation_run" for each row when (new.started_at is null) execute function tenure_notify_reconciliation()',
    );
  }
}
