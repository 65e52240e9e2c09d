import { Migration } from '@mikro-orm/migrations';

/**
 * The cache of reconciled accounts without a foreign key: its check locks, and so writes, the row of each account of which a run notes that it is as
 * desired. Rows of deleted accounts are deleted by a trigger instead.
 */
export class Migration0162ReconciledWithoutLocks extends Migration {
  override up(): void {
    this.addSql('alter table "reconciled_account" drop constraint "reconciled_account_account_id_fkey"');
    this.addSql(
      `create function tenure_forget_reconciled() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$ begin
         delete from reconciled_account r using gone where r.account_id = gone.id;
         return null;
       end $$`,
    );
    this.addSql(
      'create trigger account_forget_reconciled after delete on "account" referencing old table as gone for each statement execute function tenure_forget_reconciled()',
    );
  }
}
