import { Migration } from '@mikro-orm/migrations';

/**
 * What a login's subject last said by keys, what it says now that a person has to decide about, which logins somebody has confirmed, and links
 * by which a login is bound once. Bindings that were made before are confirmed by nobody.
 */
export class Migration0090LoginBindings extends Migration {
  override up(): void {
    this.addSql('alter table "login_subject" add column "name_id_format" text null, add column "keys" jsonb null, add column "pending" jsonb null');
    this.addSql(
      'create table "login_confirmation" ("record_id" uuid not null, "identity_id" uuid not null, "provider" text not null, "confirmed_by" text not null, "confirmed_at" timestamptz(3) not null, primary key ("record_id"))',
    );
    this.addSql('create index "login_confirmation_identity_id_index" on "login_confirmation" ("identity_id")');
    this.addSql(
      'create table "login_link" ("id" uuid not null, "token_hash" text not null, "identity_id" uuid not null, "provider" text not null, "created_by" text not null, "created_at" timestamptz(3) not null, "expires_at" timestamptz(3) not null, "used_at" timestamptz(3) null, primary key ("id"))',
    );
    this.addSql('alter table "login_link" add constraint "login_link_token_hash_unique" unique ("token_hash")');
    for (const table of ['login_confirmation', 'login_link'])
      this.addSql(`alter table "${table}" add constraint "${table}_identity_id_foreign" foreign key ("identity_id") references "identity" ("id")`);
    this.addSql('alter table "login_request" add column "link_id" uuid null');
    this.addSql('grant select, insert, update, delete on "login_confirmation", "login_link" to tenure_runtime');
  }
}
