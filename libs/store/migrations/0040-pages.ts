import { Migration } from '@mikro-orm/migrations';

/**
 * A page of people and how many there are, under any filter, from indexes alone: reading a hundred thousand rows for that takes longer
 * than a person who searches wants to wait. What changed since the last vacuum is looked up in the table, so that comes sooner here.
 */
export class Migration0040Pages extends Migration {
  override up(): void {
    // An index holds a third of a page in one entry at most, and whoever has such a name could no longer be stored.
    this.addSql('update "identity" set "search_text" = left("search_text", 500) where length("search_text") > 500');
    this.addSql('create index "identity_filter_index" on "identity" ("id") include ("search_text", "state", "user_type")');
    this.addSql('alter table "identity" set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02)');
    this.addSql('create index "access_grant_holders_index" on "access_grant" ("name", "identity_id") where "ended_at" is null');
    this.addSql('drop index "access_grant_name_index"');
  }
}
