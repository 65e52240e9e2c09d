import { Migration } from '@mikro-orm/migrations';

/** The ends of the audit's chains are authenticated under the audit key, which the database does not have; there are 32 of them and no more. */
export class Migration0085AuditEnds extends Migration {
  override up(): void {
    this.addSql(`alter table "audit_lane" add column "mac" text not null default ''`);
    this.addSql(
      `create table "audit_seal" ("number" serial primary key, "at" timestamptz(3) not null, "reason" text not null, "heads" jsonb not null, "mac" text not null)`,
    );
    this.addSql('grant select, insert on "audit_seal" to tenure_runtime');
    this.addSql('grant usage on sequence "audit_seal_number_seq" to tenure_runtime');
    this.addSql('create trigger audit_seal_append_only before update or delete on "audit_seal" for each row execute function tenure_refuse()');
    this.addSql('create trigger audit_seal_not_emptied before truncate on "audit_seal" for each statement execute function tenure_refuse()');
    // A process of an older version, which knows nothing of this, fails instead of leaving an end that nobody believes.
    this.addSql(`create function tenure_ends_are_authenticated() returns trigger language plpgsql as $$ begin
      if old.mac <> '' and new.hash <> old.hash and new.mac = old.mac then
        raise exception 'the audit is written by a newer version of Tenure by now: stop this process' using errcode = 'insufficient_privilege';
      end if;
      return new;
    end $$`);
    this.addSql('create trigger audit_lane_authenticated before update on "audit_lane" for each row execute function tenure_ends_are_authenticated()');
    // Not looked at for rows that are there already: whatever they are, npm run audit:verify names it.
    this.addSql('alter table "audit_lane" add constraint "audit_lane_known" check ("lane" between 1 and 32) not valid');
    this.addSql('alter table "audit_event" add constraint "audit_event_lane_known" check ("lane" between 1 and 32) not valid');
  }
}
