import { Migration } from '@mikro-orm/migrations';

/** Position of a run between reading and its end: a large target is compared by several activities. */
export class Migration0157ReconciliationProgress extends Migration {
  override up(): void {
    this.addSql('alter table "reconciliation_run" add column "progress" jsonb null');
  }
}
