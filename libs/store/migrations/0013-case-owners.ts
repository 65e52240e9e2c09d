import { Migration } from '@mikro-orm/migrations';

/** A case may be one person's to answer, and have a day by which it should be. */
export class Migration0013CaseOwners extends Migration {
  override up(): void {
    this.addSql('alter table "case_file" add column "owner_id" uuid null, add column "deadline" timestamptz(3) null');
    this.addSql('alter table "case_file" add constraint "case_file_owner_id_foreign" foreign key ("owner_id") references "identity" ("id")');
    this.addSql(`create index "case_file_owner_id_index" on "case_file" ("owner_id") where "status" = 'open'`);
  }
}
