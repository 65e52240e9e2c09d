import { Migration } from '@mikro-orm/migrations';

/** Requests of applications that wait for the login of a person: bound to one browser, answered once, and gone after ten minutes. */
export class Migration0173ApplicationRequests extends Migration {
  override up(): void {
    this.addSql(
      `create table "application_request" ("id" text not null, "application" text not null, "message_id" text null, "browser_hash" text not null, "demands" jsonb not null,
        "asked" int not null default 0, "created_at" timestamptz(3) not null, "expires_at" timestamptz(3) not null, primary key ("id"))`,
    );
    this.addSql('create index "application_request_expires_at" on "application_request" ("expires_at")');
    this.addSql('grant select, insert, update, delete on "application_request" to tenure_runtime');
    // A logout names a person at an application rather than one session.
    this.addSql('create index "application_session_subject" on "application_session" ("application", "subject")');
  }
}
