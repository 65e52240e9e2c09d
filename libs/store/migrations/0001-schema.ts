import { Migration } from '@mikro-orm/migrations';

/** The first schema. What the entities cannot say (foreign keys, partial indexes, privileges, triggers) is in 0002. */
export class Migration0001Schema extends Migration {
  override up(): void {
    this.addSql(
      `create table "account" ("id" uuid not null, "identity_id" uuid not null, "target" text not null, "user_name" text not null, "native_id" text null, "desired" jsonb not null, "observed" jsonb null, "observed_at" timestamptz(3) null, "confirmed_at" timestamptz(3) null, "existed" boolean not null, "desired_since" timestamptz(3) not null, "lease_by" text null, "lease_until" timestamptz(3) null, primary key ("id"));`,
    );
    this.addSql(`alter table "account" add constraint "account_identity_id_target_unique" unique ("identity_id", "target");`);
    this.addSql(`alter table "account" add constraint "account_target_native_id_unique" unique ("target", "native_id");`);
    this.addSql(
      `create table "audit_event" ("lane" int not null, "sequence" bigint not null, "id" uuid not null, "at" timestamptz(3) not null, "actor_kind" text not null, "actor_id" text not null, "action" text not null, "subject_kind" text not null, "subject_id" text not null, "identity_id" uuid null, "reason" jsonb not null, "personal" text null, "correlation_id" text not null, "previous_hash" text not null, "hash" text not null, primary key ("lane", "sequence"));`,
    );
    this.addSql(`alter table "audit_event" add constraint "audit_event_id_unique" unique ("id");`);
    this.addSql(`create index "audit_event_identity_id_at_index" on "audit_event" ("identity_id", "at");`);
    this.addSql(`create index "audit_event_at_index" on "audit_event" ("at");`);
    this.addSql(`create index "audit_event_subject_id_index" on "audit_event" ("subject_id");`);
    this.addSql(`create table "audit_lane" ("lane" int not null, "sequence" bigint not null, "hash" text not null, primary key ("lane"));`);
    this.addSql(
      `create table "case_file" ("id" uuid not null, "kind" text not null, "key" text not null, "status" text not null, "identity_id" uuid null, "target" text null, "operation_id" uuid null, "evidence" jsonb not null, "opened_at" timestamptz(3) not null, "closed_at" timestamptz(3) null, "closed_by" text null, "resolution" text null, primary key ("id"));`,
    );
    this.addSql(`create index "case_file_status_opened_at_index" on "case_file" ("status", "opened_at");`);
    this.addSql(`create index "case_file_identity_id_index" on "case_file" ("identity_id");`);
    this.addSql(
      `create table "consumed_assertion" ("issuer" text not null, "assertion_id" text not null, "expires_at" timestamptz(3) not null, primary key ("issuer", "assertion_id"));`,
    );
    this.addSql(
      `create table "access_grant" ("id" uuid not null, "identity_id" uuid not null, "kind" text not null, "name" text not null, "origins" jsonb not null, "valid_from" timestamptz(3) not null, "valid_until" timestamptz(3) null, "granted_at" timestamptz(3) not null, "ended_at" timestamptz(3) null, "end_reason" text null, primary key ("id"));`,
    );
    this.addSql(`create index "access_grant_identity_id_ended_at_index" on "access_grant" ("identity_id", "ended_at");`);
    this.addSql(`create index "access_grant_name_index" on "access_grant" ("name");`);
    this.addSql(
      `create table "identity" ("id" uuid not null, "user_name" text not null, "user_type" text not null, "attributes" jsonb not null, "groups" jsonb not null, "ended" jsonb null, "created_at" timestamptz(3) not null, "search_text" text not null, "state" text not null, "lifecycle" jsonb null, "activations" jsonb not null, "policy_version" int null, "next_wake_up" timestamptz(3) null, "decided_at" timestamptz(3) null, "revision" int not null, primary key ("id"));`,
    );
    this.addSql(`alter table "identity" add constraint "identity_user_name_unique" unique ("user_name");`);
    this.addSql(`create index "identity_next_wake_up_index" on "identity" ("next_wake_up");`);
    this.addSql(`create index "identity_state_index" on "identity" ("state");`);
    this.addSql(
      `create table "login_request" ("id" text not null, "provider" text not null, "browser_hash" text not null, "return_to" text not null, "nonce" text null, "verifier" text null, "expires_at" timestamptz(3) not null, primary key ("id"));`,
    );
    this.addSql(
      `create table "login_subject" ("issuer" text not null, "subject" text not null, "provider" text not null, "identity_id" uuid not null, "bound_at" timestamptz(3) not null, "last_login_at" timestamptz(3) not null, primary key ("issuer", "subject"));`,
    );
    this.addSql(`create index "login_subject_identity_id_index" on "login_subject" ("identity_id");`);
    this.addSql(
      `create table "operation_attempt" ("id" uuid not null, "operation_id" uuid not null, "at" timestamptz(3) not null, "outcome" text not null, "code" text null, "message" text null, primary key ("id"));`,
    );
    this.addSql(`create index "operation_attempt_operation_id_at_index" on "operation_attempt" ("operation_id", "at");`);
    this.addSql(
      `create table "operation" ("id" uuid not null, "identity_id" uuid not null, "account_id" uuid not null, "target" text not null, "kind" text not null, "change" jsonb not null, "status" text not null, "attempts" int not null, "last_error" jsonb null, "reason" jsonb not null, "correlation_id" text not null, "position" int not null, "created_at" timestamptz(3) not null, "finished_at" timestamptz(3) null, primary key ("id"));`,
    );
    this.addSql(`create index "operation_account_id_status_index" on "operation" ("account_id", "status");`);
    this.addSql(`create index "operation_identity_id_created_at_index" on "operation" ("identity_id", "created_at");`);
    this.addSql(
      `create table "outbox" ("id" bigserial primary key, "identity_id" uuid not null, "trigger" text not null, "urgent" boolean not null, "correlation_id" text not null, "created_at" timestamptz(3) not null);`,
    );
    this.addSql(`create table "person_key" ("identity_id" uuid not null, "wrapped" text not null, primary key ("identity_id"));`);
    this.addSql(
      `create table "policy_version" ("version" int not null, "digest" text not null, "document" jsonb not null, "created_at" timestamptz(3) not null, primary key ("version"));`,
    );
    this.addSql(
      `create table "service_token" ("id" uuid not null, "name" text not null, "token_hash" text not null, "roles" jsonb not null, "created_by" text not null, "created_at" timestamptz(3) not null, "expires_at" timestamptz(3) not null, "revoked_at" timestamptz(3) null, primary key ("id"));`,
    );
    this.addSql(`alter table "service_token" add constraint "service_token_token_hash_unique" unique ("token_hash");`);
    this.addSql(
      `create table "session" ("id" uuid not null, "token_hash" text not null, "identity_id" uuid not null, "provider" text not null, "created_at" timestamptz(3) not null, "expires_at" timestamptz(3) not null, "revoked_at" timestamptz(3) null, "revoked_reason" text null, primary key ("id"));`,
    );
    this.addSql(`alter table "session" add constraint "session_token_hash_unique" unique ("token_hash");`);
    this.addSql(`create index "session_identity_id_index" on "session" ("identity_id");`);
    this.addSql(
      `create table "source_record" ("id" uuid not null, "identity_id" uuid null, "source" text not null, "external_id" text not null, "version" text not null, "facts" jsonb not null, "groups" jsonb null, "email_trusted" boolean not null, "status" text null, "ended_at" timestamptz(3) null, "recorded_at" timestamptz(3) not null, primary key ("id"));`,
    );
    this.addSql(`create index "source_record_identity_id_index" on "source_record" ("identity_id");`);
    this.addSql(`alter table "source_record" add constraint "source_record_source_external_id_unique" unique ("source", "external_id");`);
  }
}
