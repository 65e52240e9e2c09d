import { Migration } from '@mikro-orm/migrations';

/** Accounts that are listed in `protectedAccounts` of their target: they are read, and nothing is changed there. */
export class Migration0164ProtectedAccounts extends Migration {
  override up(): void {
    this.addSql('alter table "account" add column "protected_at" timestamptz(3) null');
  }
}
