import { Migration } from '@mikro-orm/migrations';

/** Verification of the e-mail address as the source states it, apart from the trust in the source for its domain: that trust may change later. */
export class Migration0073VerifiedEmails extends Migration {
  override up(): void {
    this.addSql('alter table "source_record" add column "email_verified" boolean null');
  }
}
