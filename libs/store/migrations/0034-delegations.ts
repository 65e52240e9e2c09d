import { Migration } from '@mikro-orm/migrations';

/** Whoever is away lets somebody else answer for a time; and in whose place an approver was asked, so that one place counts once. */
export class Migration0034Delegations extends Migration {
  override up(): void {
    this.addSql(
      `create table "delegation" ("id" uuid not null, "from_id" uuid not null, "to_id" uuid not null, "valid_from" timestamptz(3) not null, "valid_until" timestamptz(3) not null, "kinds" jsonb not null, "reason" text not null, "created_at" timestamptz(3) not null, "revoked_at" timestamptz(3) null, primary key ("id"))`,
    );
    for (const column of ['from_id', 'to_id']) {
      this.addSql(`alter table "delegation" add constraint "delegation_${column}_foreign" foreign key ("${column}") references "identity" ("id")`);
      this.addSql(`create index "delegation_${column}_index" on "delegation" ("${column}", "valid_until") where "revoked_at" is null`);
    }
    this.addSql('alter table "delegation" add constraint "delegation_time_check" check ("valid_from" < "valid_until" and "from_id" <> "to_id")');
    this.addSql('grant select, insert, update on "delegation" to tenure_runtime');
    this.addSql('alter table "request_approver" add column "in_place_of" uuid null');
    this.addSql(
      'alter table "request_approver" add constraint "request_approver_in_place_of_foreign" foreign key ("in_place_of") references "identity" ("id")',
    );
    this.addSql('create index "request_approver_place_index" on "request_approver" ("in_place_of") where "ended_at" is null');
  }
}
