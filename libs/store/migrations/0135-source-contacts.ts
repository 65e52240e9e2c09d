import { Migration } from '@mikro-orm/migrations';

/** When each source last sent records, also such as change nothing: the silence of a feed is not seen in what it sent before. */
export class Migration0135SourceContacts extends Migration {
  override up(): void {
    this.addSql('create table "source_contact" ("source" text not null, "at" timestamptz(3) not null, primary key ("source"))');
    this.addSql('grant select, insert, update on "source_contact" to tenure_runtime');
  }
}
