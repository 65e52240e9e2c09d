import { Migration } from '@mikro-orm/migrations';

/**
 * An address that an application received as the name of one person is not sent there for another before somebody has decided. A session whose claims
 * have changed since is marked, so that its next request brings the new ones.
 */
export class Migration0171ApplicationEntries extends Migration {
  override up(): void {
    // Only a digest: the table is read to compare, and outlives the address.
    this.addSql(
      `create table "application_address" ("application" text not null, "address_hash" text not null, "identity_id" uuid not null references "identity" ("id"),
        "status" text not null check ("status" in ('given', 'passed-on', 'refused')), "since" timestamptz(3) not null,
        primary key ("application", "address_hash", "identity_id"))`,
    );
    this.addSql(`create unique index "application_address_one_person" on "application_address" ("application", "address_hash") where "status" = 'given'`);
    this.addSql('create index "application_address_identity" on "application_address" ("identity_id")');
    this.addSql('grant select, insert, update on "application_address" to tenure_runtime');
    this.addSql('alter table "application_session" add column "outdated_at" timestamptz(3) null');
  }
}
