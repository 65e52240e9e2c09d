import { Migration } from '@mikro-orm/migrations';

/** The processes make keys of people and never change or remove them; and no service token appears without an event of the audit. */
export class Migration0086NarrowerRuntime extends Migration {
  override up(): void {
    this.addSql('revoke update, delete, truncate on "person_key" from tenure_runtime');
    // Looked at when the transaction ends, since its audit is written last. Whoever has no audit key can add an event too, but none that
    // npm run audit:verify takes for Tenure's.
    this.addSql(`create function tenure_token_is_audited() returns trigger language plpgsql as $$ begin
      if not exists (select from audit_event where subject_id = new.id::text and action = 'serviceToken.created') then
        raise exception 'a service token is made together with its event of the audit' using errcode = 'insufficient_privilege';
      end if;
      return null;
    end $$`);
    this.addSql(
      'create constraint trigger service_token_audited after insert on "service_token" deferrable initially deferred for each row execute function tenure_token_is_audited()',
    );
    // What a token may do is settled when it is made, and one that was revoked stays so.
    this.addSql('revoke update, delete, truncate on "service_token" from tenure_runtime');
    this.addSql('grant update ("revoked_at") on "service_token" to tenure_runtime');
    this.addSql(`create function tenure_token_stays_revoked() returns trigger language plpgsql as $$ begin
      if old.revoked_at is not null and new.revoked_at is distinct from old.revoked_at then
        raise exception 'a service token that was revoked stays revoked' using errcode = 'insufficient_privilege';
      end if;
      return new;
    end $$`);
    this.addSql('create trigger service_token_revoked before update on "service_token" for each row execute function tenure_token_stays_revoked()');
  }
}
