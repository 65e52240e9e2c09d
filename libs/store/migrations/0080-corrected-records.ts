import { Migration } from '@mikro-orm/migrations';

/** Content that a source itself sent last, where an operator has corrected or withdrawn its record, or a complete import did not name it. */
export class Migration0080CorrectedRecords extends Migration {
  override up(): void {
    this.addSql('alter table "source_record" add column "said" jsonb null');
    this.addSql('alter table "source_record" add column "withdrawn_at" timestamptz(3) null');
    // Who was ended for want of being named had said nothing of an end: named again without a status, they go on.
    this.addSql(`update "source_record" set "said" = jsonb_build_object('version', "version", 'facts', "facts", 'status', 'active', 'endedAt', null, 'endedOn', null)
      where "vanished_at" is not null`);
  }
}
