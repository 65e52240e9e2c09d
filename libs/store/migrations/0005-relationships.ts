import { Migration } from '@mikro-orm/migrations';

/** Several relationships of a person instead of one end, days in the person's own zone, a mover's grace, the open questions of a decision, what kind of person each source says. */
export class Migration0005Relationships extends Migration {
  override up(): void {
    this.addSql(`alter table "identity" drop column "ended"`);
    this.addSql(`alter table "identity" add column "relationships" jsonb not null default '[]', add column "time_zone" text not null default 'UTC'`);
    this.addSql(`alter table "identity" add column "endings" jsonb not null default '{}', add column "questions" jsonb not null default '[]'`);
    this.addSql(
      `alter table "identity" alter column "relationships" drop default, alter column "time_zone" drop default, alter column "endings" drop default, alter column "questions" drop default`,
    );
    this.addSql(`alter table "source_record" add column "user_type" text null`);
    // Closed by default the other way round: what may have been in use is never deleted.
    this.addSql(`alter table "account" add column "ever_enabled" boolean not null default true`);
    this.addSql(`alter table "account" alter column "ever_enabled" drop default`);
  }
}
