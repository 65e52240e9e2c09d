import { Migration } from '@mikro-orm/migrations';

/**
 * The configuration version that a batch change has put in force, so that undoing it finds the version before; and the undoes of a batch change. Of
 * earlier batch changes, the version that came into force in the same transaction.
 */
export class Migration0159UndoneBatches extends Migration {
  override up(): void {
    this.addSql('alter table "wave" add column "policy_version" int null');
    this.addSql(
      `update "wave" w set "policy_version" = (select max(v."version") from "policy_version" v where v."digest" = split_part(w."policy_digest", '.', 1)
         and v."created_at" = coalesce(w."decided_at", w."created_at"))
       where w."policy_digest" is not null and w."standing" = 'free'`,
    );
    this.addSql('create index "wave_policy_version" on "wave" ("policy_version") where "policy_version" is not null');
    this.addSql(`create index "wave_undone" on "wave" (("origin"->>'batchId')) where "origin"->>'kind' = 'undo'`);
  }
}
