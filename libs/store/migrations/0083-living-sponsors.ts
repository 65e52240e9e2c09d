import { Migration } from '@mikro-orm/migrations';

/** Living-sponsor status: the named sponsor, or a manager who is their deputy, is active or suspended. A lifecycle rule may require it. */
export class Migration0083LivingSponsors extends Migration {
  override up(): void {
    this.addSql('alter table "sponsorship" add column "is_living" boolean not null default false');
    this.addSql('update "sponsorship" set "is_living" = "sponsor_id" is not null');
    this.addSql('alter table "sponsorship" alter column "is_living" drop default');
  }
}
