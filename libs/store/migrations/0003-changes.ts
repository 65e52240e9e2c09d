import { Migration } from '@mikro-orm/migrations';

/**
 * Says on channel `tenure_identity` whose data changed, so that every API process can tell its subscribers. A service token's id
 * goes the same way: whoever follows it learns that it was revoked. PostgreSQL sends one notification per id and transaction.
 */
export class Migration0003Changes extends Migration {
  override up(): void {
    this.addSql(`create function tenure_notify_identity() returns trigger language plpgsql as $$
      declare changed jsonb := to_jsonb(case when tg_op = 'DELETE' then old else new end);
      begin perform pg_notify('tenure_identity', coalesce(changed->>'identity_id', changed->>'id')); return null; end $$`);
    for (const table of ['identity', 'account', 'access_grant', 'operation', 'session']) {
      this.addSql(`create trigger ${table}_notify after insert or update or delete on "${table}" for each row execute function tenure_notify_identity()`);
    }
    this.addSql('create trigger service_token_notify after update or delete on "service_token" for each row execute function tenure_notify_identity()');
  }
}
