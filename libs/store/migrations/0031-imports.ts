import { Migration } from '@mikro-orm/migrations';

/** Many batches that are judged as one: whom an import has named, and who was ended because a complete one did not. */
export class Migration0031Imports extends Migration {
  override up(): void {
    this.addSql(`create table "import_seen" ("wave_id" uuid not null, "external_id" text collate "C" not null, primary key ("wave_id", "external_id"));`);
    this.addSql('alter table "import_seen" add constraint "import_seen_wave_id_foreign" foreign key ("wave_id") references "wave" ("id")');
    this.addSql('alter table "source_record" add column "vanished_at" timestamptz(3) null;');
    this.addSql('grant select, insert, update, delete on "import_seen" to tenure_runtime');
  }
}
