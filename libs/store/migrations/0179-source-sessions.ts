import { Migration } from '@mikro-orm/migrations';

/** Demands of an application on a login, and facts of the session at the source that a logout needs. */
export class Migration0179SourceSessions extends Migration {
  override up(): void {
    this.addSql('alter table "login_request" add column "demands" jsonb null');
    this.addSql('alter table "session" add column "source_details" jsonb null');
    // A logout that names no session ends all sessions of the person at the provider.
    this.addSql('create index "session_source_subject" on "session" ("provider", "source_subject") where "source_subject" is not null');
  }
}
