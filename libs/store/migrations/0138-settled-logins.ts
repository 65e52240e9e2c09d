import { Migration } from '@mikro-orm/migrations';

/** Basis of a decided login, so that the same login again needs no decision. */
export class Migration0138SettledLogins extends Migration {
  override up(): void {
    this.addSql('alter table "login_subject" add column "settled" jsonb null');
  }
}
