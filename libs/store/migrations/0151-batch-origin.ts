import { Migration } from '@mikro-orm/migrations';

/** Origins of batch changes beside sources and policy versions: a target that is switched on, corrections of findings, the undo of another batch change. */
export class Migration0151BatchOrigin extends Migration {
  override up(): void {
    this.addSql('alter table "wave" add column "origin" jsonb null');
    this.addSql(`create index "wave_origin_held" on "wave" (("origin"->>'kind'), ("origin"->>'target')) where "origin" is not null and "standing" = 'held'`);
  }
}
