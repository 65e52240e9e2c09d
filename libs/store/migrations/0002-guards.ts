import { Migration } from '@mikro-orm/migrations';

/** Lanes of the audit's chain: as many transactions can write audit at once without waiting. */
const lanes = 32;

/**
 * What entities cannot say: references, partial indexes, and the privileges that make the audit append-only.
 * The runtime role may add to the audit and read it; not even the owner gets past the trigger by mistake.
 */
export class Migration0002Guards extends Migration {
  override up(): void {
    for (const table of ['source_record', 'login_subject', 'access_grant', 'account', 'operation', 'session', 'person_key']) {
      this.addSql(`alter table "${table}" add constraint "${table}_identity_id_foreign" foreign key ("identity_id") references "identity" ("id")`);
    }
    this.addSql('alter table "operation" add constraint "operation_account_id_foreign" foreign key ("account_id") references "account" ("id")');
    this.addSql(
      'alter table "operation_attempt" add constraint "operation_attempt_operation_id_foreign" foreign key ("operation_id") references "operation" ("id")',
    );
    this.addSql('create unique index "access_grant_current_unique" on "access_grant" ("identity_id", "kind", "name") where "ended_at" is null');
    this.addSql(`create unique index "case_file_open_unique" on "case_file" ("key") where "status" = 'open'`);
    this.addSql(`create index "source_record_employee_number_index" on "source_record" ((lower("facts"->>'employeeNumber')))`);
    this.addSql(`create index "source_record_email_index" on "source_record" ((lower("facts"->>'email')))`);
    this.addSql(`insert into "audit_lane" select lane, 0, '' from generate_series(1, ${lanes}) as lane`);
    this.addSql(
      `create function tenure_refuse() returns trigger language plpgsql as $$ begin raise exception 'audit events are only ever added' using errcode = 'insufficient_privilege'; end $$`,
    );
    this.addSql('create trigger audit_event_append_only before update or delete on "audit_event" for each row execute function tenure_refuse()');
    this.addSql('create trigger audit_event_not_emptied before truncate on "audit_event" for each statement execute function tenure_refuse()');
    this.addSql(
      `create function tenure_notify_outbox() returns trigger language plpgsql as $$ begin perform pg_notify('tenure_outbox', ''); return null; end $$`,
    );
    this.addSql('create trigger outbox_notify after insert on "outbox" for each statement execute function tenure_notify_outbox()');
    // Roles belong to the whole PostgreSQL cluster: another database of it may have made this one already, or its administrator,
    // so that the owner of this one need not be able to. Who makes it here may take it on, so that one login can do for both.
    this.addSql(`do $$ begin
      if not exists (select from pg_roles where rolname = 'tenure_runtime') then
        create role tenure_runtime nologin;
        execute format('grant tenure_runtime to %I', current_user);
      end if;
    exception when duplicate_object or unique_violation then null; end $$`);
    this.addSql('grant usage on schema public to tenure_runtime');
    this.addSql('grant select, insert, update, delete on all tables in schema public to tenure_runtime');
    this.addSql('grant usage on all sequences in schema public to tenure_runtime');
    this.addSql('revoke update, delete, truncate on "audit_event" from tenure_runtime');
    this.addSql('revoke insert, delete, truncate on "audit_lane" from tenure_runtime');
    this.addSql('revoke update, delete, truncate on "policy_version" from tenure_runtime');
  }
}
