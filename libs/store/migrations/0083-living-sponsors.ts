import { Migration } from '@mikro-orm/migrations';

/** Whether whoever is named to answer for somebody lives, or one of those who stand in for them: a lifecycle rule may demand it. */
export class Migration0083LivingSponsors extends Migration {
  override up(): void {
    this.addSql('alter table "sponsorship" add column "is_living" boolean not null default false');
    this.addSql('update "sponsorship" set "is_living" = "sponsor_id" is not null');
    this.addSql('alter table "sponsorship" alter column "is_living" drop default');
  }
}
