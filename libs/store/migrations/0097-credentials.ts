import { Migration } from '@mikro-orm/migrations';

/**
 * Credentials are one tree: a session at the source carries the session here, a service token carries those that were made with it.
 * What ends, when and by whom is a credential's; what it opens stays in the table of its kind. A further kind (a session at an
 * application, a refresh token) is one more value of `kind` and, where it needs one, a table of its own under the same id.
 */
export class Migration0097Credentials extends Migration {
  override up(): void {
    this.addSql(`create table "credential" (
      "id" uuid not null, "kind" text not null check ("kind" in ('source-session', 'session', 'service-token')), "parent_id" uuid null references "credential" ("id"),
      "identity_id" uuid null references "identity" ("id"), "token_hash" text null unique, "created_at" timestamptz(3) not null, "expires_at" timestamptz(3) not null,
      "idle_seconds" int null, "last_used_at" timestamptz(3) null, "ended_at" timestamptz(3) null, "ended_reason" text null, primary key ("id"))`);
    this.addSql('create index "credential_parent_id_index" on "credential" ("parent_id") where "parent_id" is not null');
    this.addSql('create index "credential_identity_id_index" on "credential" ("identity_id")');
    this.addSql(`insert into "credential" (id, kind, identity_id, token_hash, created_at, expires_at, ended_at, ended_reason)
      select id, 'session', identity_id, token_hash, created_at, expires_at, revoked_at, revoked_reason from "session"`);
    this.addSql(copyTokens);

    this.addSql('alter table "service_token" add column "responsible_id" uuid null references "identity" ("id")');
    for (const [table, moved] of Object.entries(movedColumns)) {
      // With a column go the triggers that look at it alone; those of the whole row are dropped by name.
      for (const trigger of moved.triggers) this.addSql(`drop trigger "${trigger}" on "${table}"`);
      for (const column of moved.columns) this.addSql(`alter table "${table}" drop column "${column}"`);
      this.addSql(`alter table "${table}" add constraint "${table}_id_foreign" foreign key ("id") references "credential" ("id") on delete ${moved.onDelete}`);
    }
    this.addSql('drop function tenure_token_stays_revoked()');
    this.addSql(`create index "case_file_token_ending_index" on "case_file" ("key") where "kind" = 'token-ending'`);
    this.addSql('alter table "login_request" add column "replaces" uuid null');

    // A token's row says what it may do, which is settled when it is made.
    this.addSql('revoke update on "service_token" from tenure_runtime');
    this.addSql('grant select, insert, delete on "credential" to tenure_runtime');
    this.addSql('grant update ("ended_at", "ended_reason", "last_used_at") on "credential" to tenure_runtime');

    for (const guard of guards) this.addSql(guard);
  }
}

const movedColumns = {
  session: {
    columns: ['token_hash', 'identity_id', 'created_at', 'expires_at', 'revoked_at', 'revoked_reason'],
    triggers: ['session_notify'],
    onDelete: 'cascade',
  },
  service_token: {
    columns: ['token_hash', 'created_at', 'expires_at', 'revoked_at'],
    triggers: ['service_token_notify', 'service_token_revoked'],
    onDelete: 'no action',
  },
} as const;

/**
 * Tokens that were made before: none outlasts the one that it was made with, one of an administrator that no person made has a day from
 * now on, and one whose maker is not known any more is over.
 */
const copyTokens = `with recursive tree as (
    select t.*, null::uuid as parent_id, p.id as identity_id,
        case when p.id is null and t.roles ? 'admin' then least(t.expires_at, now() + interval '1 day') else t.expires_at end as until,
        case when p.id is null and t.created_by like 'person %' then coalesce(t.revoked_at, now()) else t.revoked_at end as over_at
      from service_token t left join identity p on t.created_by = 'person ' || p.id
      where not exists (select from service_token o where t.created_by = 'service ' || o.id)
    union all
    select t.*, tree.id, tree.identity_id, least(t.expires_at, tree.until), coalesce(t.revoked_at, tree.over_at)
      from service_token t join tree on t.created_by = 'service ' || tree.id)
  insert into credential (id, kind, parent_id, identity_id, token_hash, created_at, expires_at, ended_at)
  select id, 'service-token', parent_id, identity_id, token_hash, created_at, until, over_at from tree`;

const refuse = (sentence: string): string => `raise exception '${sentence}' using errcode = 'insufficient_privilege'`;

const guards = [
  // Holds the parent, so that it cannot end meanwhile. Looked at after the statement, which may have made both.
  `create function tenure_credential_has_parent() returns trigger language plpgsql as $$
    declare parent record;
    begin
      select * into parent from credential where id = new.parent_id for share;
      if parent.ended_at is not null or parent.expires_at <= new.created_at then ${refuse('a credential is made with one that is living')}; end if;
      if new.expires_at > parent.expires_at then ${refuse('a credential does not outlast the one that it was made with')}; end if;
      if new.identity_id is distinct from parent.identity_id then ${refuse('a credential is of the same person as the one that it was made with')}; end if;
      return null;
    end $$`,
  `create trigger credential_has_parent after insert on "credential" for each row when (new.parent_id is not null)
    execute function tenure_credential_has_parent()`,
  `create function tenure_credential_ends_for_good() returns trigger language plpgsql as $$ begin
      if old.ended_at is not null and (new.ended_at, new.ended_reason) is distinct from (old.ended_at, old.ended_reason) then
        ${refuse('a credential that was ended stays ended')};
      end if;
      return new;
    end $$`,
  'create trigger credential_ends_for_good before update on "credential" for each row execute function tenure_credential_ends_for_good()',
  `create function tenure_credential_ends_whole() returns trigger language plpgsql as $$ begin
      if exists (select from credential where parent_id = new.id and ended_at is null) then
        ${refuse('a credential ends together with those that were made with it')};
      end if;
      return null;
    end $$`,
  `create constraint trigger credential_ends_whole after update of ended_at on "credential" deferrable initially deferred for each row
    when (new.ended_at is not null) execute function tenure_credential_ends_whole()`,
  `create or replace function tenure_token_is_audited() returns trigger language plpgsql as $$
    declare made record;
    begin
      if not exists (select from audit_event where subject_id = new.id::text and action = 'serviceToken.created') then
        ${refuse('a service token is made together with its event of the audit')};
      end if;
      select * into made from credential where id = new.id;
      if made.kind <> 'service-token' then ${refuse('a service token is a credential of that kind')}; end if;
      if new.roles ? 'admin' and made.identity_id is null and made.expires_at > made.created_at + interval '1 day' then
        ${refuse('an administrator’s token that no person made lasts a day')};
      end if;
      return null;
    end $$`,
  // Whoever follows a person learns of their sessions; whoever follows a token, that it is over.
  `create function tenure_notify_credential() returns trigger language plpgsql as $$
    declare changed record := case when tg_op = 'DELETE' then old else new end;
    begin
      if changed.kind = 'service-token' then perform pg_notify('tenure_identity', changed.id::text);
      elsif changed.identity_id is not null then perform pg_notify('tenure_identity', changed.identity_id::text);
      end if;
      return null;
    end $$`,
  'create trigger credential_notify after insert or delete or update of ended_at on "credential" for each row execute function tenure_notify_credential()',
];
