import { Migration } from '@mikro-orm/migrations';

/** Whether a source says that the e-mail in its record is verified, apart from whether it is trusted for the domain: the trust may change, the word was said. */
export class Migration0073VerifiedEmails extends Migration {
  override up(): void {
    this.addSql('alter table "source_record" add column "email_verified" boolean null');
  }
}
