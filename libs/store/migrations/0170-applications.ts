import { Migration } from '@mikro-orm/migrations';

/** Sessions at applications are a further kind of credential; a person has one name at each application, and keeps it. */
export class Migration0170Applications extends Migration {
  override up(): void {
    this.addSql('alter table "credential" drop constraint "credential_kind_check"');
    this.addSql(
      `alter table "credential" add constraint "credential_kind_check" check ("kind" in ('source-session', 'session', 'application-session', 'refresh-token', 'service-token'))`,
    );
    this.addSql(
      `create table "application_session" ("id" uuid not null references "credential" ("id") on delete cascade, "application" text not null,
        "protocol" text not null check ("protocol" in ('saml', 'oidc')), "subject" text not null, "session_index" text not null unique, "claims_digest" text not null,
        "details" jsonb not null default '{}', primary key ("id"))`,
    );
    this.addSql('create index "application_session_application" on "application_session" ("application")');
    // A name that was given to somebody is never given to anybody else: rows are not deleted.
    this.addSql(
      `create table "application_subject" ("application" text not null, "identity_id" uuid not null references "identity" ("id"), "subject" text not null,
        "given_at" timestamptz(3) not null, primary key ("application", "identity_id"), unique ("application", "subject"))`,
    );
    this.addSql('create index "application_subject_identity" on "application_subject" ("identity_id")');
    this.addSql(
      `create table "application_use" ("application" text not null, "identity_id" uuid not null references "identity" ("id"), "entitlement" text not null,
        "first_at" timestamptz(3) not null, "last_at" timestamptz(3) not null, "entries" int not null, primary key ("identity_id", "application", "entitlement"))`,
    );
    this.addSql('grant select, insert, update on "application_session" to tenure_runtime');
    this.addSql('grant select, insert on "application_subject" to tenure_runtime');
    this.addSql('grant select, insert, update on "application_use" to tenure_runtime');
    // Facts of the login at the source, by which it is decided whether a session satisfies an application, and found when the source ends its own.
    for (const column of ['"authenticated_at" timestamptz(3) null', '"acr" text null', '"source_index" text null', '"source_subject" text null'])
      this.addSql(`alter table "session" add column ${column}`);
    this.addSql('create index "session_source_index" on "session" ("provider", "source_index") where "source_index" is not null');
    // Keys of Tenure, their private parts encrypted by the master key.
    this.addSql(
      `create table "signing_key" ("id" text not null, "purpose" text not null check ("purpose" in ('saml', 'oidc', 'certificate', 'webhook')), "algorithm" text not null,
        "state" text not null check ("state" in ('next', 'active', 'retiring', 'retired')), "public_jwk" jsonb not null, "certificate" text null, "wrapped_key" text not null,
        "sealed_private" text not null, "created_at" timestamptz(3) not null, "activated_at" timestamptz(3) null, "retiring_at" timestamptz(3) null, "retired_at" timestamptz(3) null,
        primary key ("id"))`,
    );
    this.addSql(`create unique index "signing_key_one_active" on "signing_key" ("purpose", "algorithm") where "state" = 'active'`);
    this.addSql('grant select, insert, update on "signing_key" to tenure_runtime');
  }
}
