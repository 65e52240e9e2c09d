import { Migration } from '@mikro-orm/migrations';

/** Adoption of the account that a finding is about, which a worker proves before the account is bound. */
export class Migration0165RequestedAdoptions extends Migration {
  override up(): void {
    this.addSql('alter table "finding" add column "adoption" jsonb null');
    this.addSql(`create index "finding_adoption" on "finding" ("target") where "adoption"->>'state' = 'requested'`);
  }
}
