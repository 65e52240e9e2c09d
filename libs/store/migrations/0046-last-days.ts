import { Migration } from '@mikro-orm/migrations';

/** An operator may end somebody's time with a day, which ends where the person is. */
export class Migration0046LastDays extends Migration {
  override up(): void {
    this.addSql('alter table "source_record" add column "ended_on" text null');
  }
}
