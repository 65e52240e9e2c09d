import { Migration } from '@mikro-orm/migrations';

/** Whom a request depends on, so that whoever comes back is asked at once; and how often it was tried to find out whom a notice means. */
export class Migration0047WhoIsWaitedFor extends Migration {
  override up(): void {
    this.addSql(`alter table "access_request" add column "depends_on" text[] not null default '{}'`);
    this.addSql('alter table "notice" add column "attempts" int not null default 0, add column "due_at" timestamptz(3) null');
  }
}
