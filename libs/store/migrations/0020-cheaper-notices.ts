import { Migration } from '@mikro-orm/migrations';

/** The same notices as before, told by the column alone: the whole row was made into JSON for each of them, a score of times in a login. */
export class Migration0020CheaperNotices extends Migration {
  override up(): void {
    this.addSql(notifier('tenure_notify_identity', 'identity_id'));
    this.addSql(notifier('tenure_notify_itself', 'id'));
    this.addSql('drop trigger identity_notify on "identity"');
    this.addSql('create trigger identity_notify after insert or update or delete on "identity" for each row execute function tenure_notify_itself()');
    this.addSql('drop trigger service_token_notify on "service_token"');
    this.addSql('create trigger service_token_notify after update or delete on "service_token" for each row execute function tenure_notify_itself()');
  }
}

function notifier(name: string, column: string): string {
  return `create or replace function ${name}() returns trigger language plpgsql as $$
    begin
      if tg_op = 'DELETE' then perform pg_notify('tenure_identity', old.${column}::text); else perform pg_notify('tenure_identity', new.${column}::text); end if;
      return null;
    end $$`;
}
