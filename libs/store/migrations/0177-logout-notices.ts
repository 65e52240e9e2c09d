import { Migration } from '@mikro-orm/migrations';

/**
 * Every end of a session at an application is work for the worker: the application is notified, or it is recorded that it cannot be. A trigger makes
 * the row, so that no way to end a session can forget it.
 */
export class Migration0177LogoutNotices extends Migration {
  override up(): void {
    // The id is that of the session, which ends once. What it takes to notify is copied: the session is deleted a week after it is over.
    this.addSql(
      `create table "logout_notice" ("id" uuid not null, "identity_id" uuid not null references "identity" ("id"), "application" text not null,
        "protocol" text not null, "subject" text null, "session_index" text null, "details" jsonb not null, "began_at" timestamptz(3) not null,
        "expires_at" timestamptz(3) not null, "ended_at" timestamptz(3) not null, "ended_reason" text null,
        "status" text not null check ("status" in ('waiting', 'confirmed', 'no-channel', 'expired', 'refused', 'abandoned')),
        "attempts" int not null default 0, "due_at" timestamptz(3) not null, "code" text null, "settled_at" timestamptz(3) null, primary key ("id"))`,
    );
    this.addSql(`create index "logout_notice_due_index" on "logout_notice" ("application", "due_at") where "status" = 'waiting'`);
    this.addSql(`create index "logout_notice_failed_index" on "logout_notice" ("application") where "status" in ('refused', 'abandoned')`);
    this.addSql('create index "logout_notice_identity_index" on "logout_notice" ("identity_id")');
    this.addSql('create index "logout_notice_settled_index" on "logout_notice" ("settled_at") where "settled_at" is not null');
    // Applications that fail; a row is deleted once one answers again.
    this.addSql(
      `create table "logout_receiver" ("application" text not null, "failures" int not null, "code" text not null, "failing_since" timestamptz(3) not null,
        "retry_at" timestamptz(3) null, primary key ("application"))`,
    );
    this.addSql('grant select, insert, update, delete on "logout_notice", "logout_receiver" to tenure_runtime');
    this.addSql(makeNotice);
    this.addSql(
      `create trigger credential_logout_notice after update of ended_at on "credential" for each row
        when (new.kind = 'application-session' and old.ended_at is null and new.ended_at is not null) execute function tenure_make_logout_notice()`,
    );
  }
}

/**
 * No notice for a session that the application ended itself, nor for a SAML session that was over: its assertion stated the end
 * (SessionNotOnOrAfter). OpenID Connect states none, so that a session there may live longer than Tenure's record of it.
 */
const makeNotice = `create function tenure_make_logout_notice() returns trigger language plpgsql as $$ begin
    if new.ended_reason = 'logged out at the application' then return null; end if;
    insert into logout_notice (id, identity_id, application, protocol, subject, session_index, details, began_at, expires_at, ended_at, ended_reason, status, due_at)
      select new.id, new.identity_id, a.application, a.protocol, a.subject, a.session_index, a.details, new.created_at, new.expires_at, new.ended_at, new.ended_reason,
        'waiting', new.ended_at
      from application_session a where a.id = new.id and (a.protocol <> 'saml' or new.expires_at > new.ended_at) on conflict do nothing;
    if found then perform pg_notify('tenure_logout', ''); end if;
    return null;
  end $$`;
