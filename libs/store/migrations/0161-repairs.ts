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
    this.addSql(`create function tenure_credential_follows_merge() returns trigger language plpgsql as $$ begin
        if new.kind <> 'service-token' or not exists (select from identity where (id = old.identity_id and merged_into = new.identity_id) or (id = new.identity_id and merged_into = old.identity_id)) then
          raise exception 'a credential passes to nobody but the identity that its own was merged into' using errcode = 'insufficient_privilege';
        end if;
        return new;
      end $$`);
    this.addSql(
      'create trigger credential_follows_merge before update of identity_id on "credential" for each row when (old.identity_id is distinct from new.identity_id) execute function tenure_credential_follows_merge()',
    );
  }
}
