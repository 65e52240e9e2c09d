import { Migration } from '@mikro-orm/migrations';

/** Repairs of identities: merged identities point to the one that goes on, released user names keep their former holder, and each repair keeps what it moved. */
export class Migration0161Repairs extends Migration {
  override up(): void {
    this.addSql('alter table "identity" add column "merged_into" uuid null references "identity" ("id"), add check ("merged_into" <> "id")');
    this.addSql('create index "identity_merged_into" on "identity" ("merged_into") where "merged_into" is not null');
    // Identities whose mark the account may still bear in its target.
    this.addSql(`alter table "account" add column "former_identities" jsonb not null default '[]'`);
    this.addSql(
      `create table "repair" ("id" uuid not null, "kind" text not null, "status" text not null, "input" jsonb not null, "digest" text not null, "identity_id" uuid not null references "identity" ("id"),
        "other_id" uuid null references "identity" ("id"), "requested_by" text not null, "requested_at" timestamptz(3) not null, "decided_by" text null, "decided_at" timestamptz(3) null,
        "undone_by" text null, "undone_at" timestamptz(3) null, "moved" jsonb not null, "plan" jsonb not null, primary key ("id"))`,
    );
    this.addSql('create index "repair_identity" on "repair" ("identity_id")');
    this.addSql('create index "repair_other" on "repair" ("other_id")');
    this.addSql('create index "repair_page" on "repair" ("requested_at" desc, "id" desc)');
    this.addSql(
      `create table "released_user_name" ("user_name" text not null, "identity_id" uuid not null references "identity" ("id"), "released_at" timestamptz(3) not null, "repair_id" uuid not null references "repair" ("id"),
        primary key ("repair_id"))`,
    );
    this.addSql('create index "released_user_name_name" on "released_user_name" ("user_name")');
    this.addSql('create index "released_user_name_identity" on "released_user_name" ("identity_id")');
    this.addSql('grant select, insert, update on "repair" to tenure_runtime');
    this.addSql('grant select, insert, delete on "released_user_name" to tenure_runtime');

    // A service token goes on with the person who made it, and with nobody else.
    this.addSql('grant update ("identity_id") on "credential" to tenure_runtime');
    this.addSql('grant update ("responsible_id") on "service_token" to tenure_runtime');
    this.addSql('grant update ("caller") on "urgent_end" to tenure_runtime');
    for (const guard of guards) this.addSql(guard);
  }
}

const refuse = (sentence: string): string => `raise exception '${sentence}' using errcode = 'insufficient_privilege'`;

const isMerge = (was: string, is: string): string =>
  `exists (select from identity where (id = ${was} and merged_into = ${is}) or (id = ${is} and merged_into = ${was}))`;

const guards = [
  `create function tenure_credential_follows_merge() returns trigger language plpgsql as $$ begin
      if new.kind <> 'service-token' or not ${isMerge('old.identity_id', 'new.identity_id')} then
        ${refuse('a credential passes to nobody but the identity that its own was merged into')};
      end if;
      return new;
    end $$`,
  `create trigger credential_follows_merge before update of identity_id on "credential" for each row
    when (old.identity_id is distinct from new.identity_id) execute function tenure_credential_follows_merge()`,
  // Looked at when the transaction ends, since its audit is written last.
  `create function tenure_credential_merge_is_audited() returns trigger language plpgsql as $$ begin
      if not exists (select from audit_event where subject_id in (old.identity_id::text, new.identity_id::text) and action in ('identity.merged', 'repair.undone')) then
        ${refuse('a credential passes together with an event of the audit')};
      end if;
      return null;
    end $$`,
  `create constraint trigger credential_merge_is_audited after update of identity_id on "credential" deferrable initially deferred for each row
    when (old.identity_id is distinct from new.identity_id) execute function tenure_credential_merge_is_audited()`,
  `create function tenure_token_follows_merge() returns trigger language plpgsql as $$ begin
      if not ${isMerge('old.responsible_id', 'new.responsible_id')} then
        ${refuse('a service token passes to nobody but the identity that its own was merged into')};
      end if;
      return new;
    end $$`,
  `create trigger service_token_follows_merge before update of responsible_id on "service_token" for each row
    when (old.responsible_id is distinct from new.responsible_id) execute function tenure_token_follows_merge()`,
];
