import { Migration } from '@mikro-orm/migrations';

/** Until when the workflow of a request sleeps, whatever for: so that the sweep sees every timer that was missed, that of a delegation too. */
export class Migration0042NextInstants extends Migration {
  override up(): void {
    this.addSql('alter table "access_request" add column "next_at" timestamptz(3) null');
    this.addSql(
      `update "access_request" r set "next_at" = (select min(least(i."due_at", i."remind_at")) from "request_item" i where i."request_id" = r."id" and i."status" = 'open') where r."status" = 'open'`,
    );
    this.addSql(`create index "access_request_next_index" on "access_request" ("next_at") where "status" = 'open'`);
    this.addSql('drop index "request_item_due_index"');
  }
}
