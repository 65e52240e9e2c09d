import { Migration } from '@mikro-orm/migrations';

/** What a login was decided from, so that the same login again needs no decision. */
export class Migration0138SettledLogins extends Migration {
  override up(): void {
    this.addSql('alter table "login_subject" add column "settled" jsonb null');
  }
}
