import { Migration } from '@mikro-orm/migrations';

/** Ends that were made later, and who answers for whom: as the facts name them, and who is there in their place. */
export class Migration0038Sponsors extends Migration {
  override up(): void {
    this.addSql('alter table "source_record" add column "extends" jsonb null');
    this.addSql(
      `create table "sponsorship" ("identity_id" uuid not null, "named_by" text not null, "named_value" text not null, "sponsor_id" uuid null, "why" text not null, "rests_on" text[] not null, "sponsor_since" timestamptz(3) not null, primary key ("identity_id"))`,
    );
    // Not of the sponsor: the check would wait for whoever decides about them, who waits for the turn of looking for sponsors.
    this.addSql('alter table "sponsorship" add constraint "sponsorship_identity_id_foreign" foreign key ("identity_id") references "identity" ("id")');
    this.addSql('create index "sponsorship_sponsor_index" on "sponsorship" ("sponsor_id")');
    this.addSql('create index "sponsorship_rests_on_index" on "sponsorship" using gin ("rests_on")');
    this.addSql('create trigger sponsorship_notify after insert or update or delete on "sponsorship" for each row execute function tenure_notify_identity()');
    this.addSql('grant select, insert, update, delete on "sponsorship" to tenure_runtime');
  }
}
