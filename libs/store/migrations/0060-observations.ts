import { Migration } from '@mikro-orm/migrations';

/** The ledger of observations: what the last reading showed of each thing of an account; and what the target has accepted of it. */
export class Migration0060Observations extends Migration {
  override up(): void {
    this.addSql(
      `alter table "account" add column "accepted" jsonb not null default '{"state": null, "attributes": {}, "memberships": {}}', add column "not_visible_at" timestamptz(3) null`,
    );
    // What is desired of those that are known may have been given already.
    this.addSql(`update "account" set "accepted" = jsonb_set("accepted", '{memberships}', (
        select coalesce(jsonb_object_agg(name, '{"groupId": null, "givenAt": null, "shownAt": null, "takenAt": null}'::jsonb), '{}') from jsonb_array_elements_text("desired"->'entitlements') name))
      where "desired"->>'state' <> 'absent'`);
    this.addSql(`update "account" set "observed" = "observed" || '{"memberships": []}' where jsonb_typeof("observed") = 'object'`);
    this.addSql(
      `create table "observation" ("account_id" uuid not null, "target" text not null, "aspect" text not null, "name" text not null, "verdict" text not null, "value" text null,
        "evidence" text not null, "desired" text null, "readings" int not null, "since" timestamptz(3) not null, "at" timestamptz(3) not null, "run" text not null,
        primary key ("account_id", "aspect", "name"))`,
    );
    this.addSql('alter table "observation" add constraint "observation_account_id_foreign" foreign key ("account_id") references "account" ("id")');
    this.addSql(
      `create index "observation_not_present_index" on "observation" ("target", "aspect", "name") where "verdict" = 'NOT_VISIBLE' or ("verdict" = 'ABSENT' and "desired" <> 'absent')`,
    );
    this.addSql('grant select, insert, update, delete on "observation" to tenure_runtime');
    this.addSql(
      'create table "membership_shown" ("target" text not null, "entitlement" text not null, "at" timestamptz(3) not null, primary key ("target", "entitlement"))',
    );
    this.addSql('grant select, insert on "membership_shown" to tenure_runtime');
    // Counting the leavers whose accounts are not closed, and the accounts that a target cannot show, costs no look at all the others.
    this.addSql('create index "account_not_visible_index" on "account" ("target") where "not_visible_at" is not null');
  }
}
