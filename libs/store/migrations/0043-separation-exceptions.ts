import { Migration } from '@mikro-orm/migrations';

/** What the owner of a rule of separation lets a person hold together, for a time, though nobody asked for it. */
export class Migration0043SeparationExceptions extends Migration {
  override up(): void {
    this.addSql(
      `create table "separation_exception" ("id" uuid not null, "identity_id" uuid not null, "case_id" uuid not null, "rule" text not null, "names" jsonb not null, "control" text not null, "reason" text not null, "granted_by" uuid not null, "valid_from" timestamptz(3) not null, "valid_until" timestamptz(3) not null, "revoked_at" timestamptz(3) null, primary key ("id"))`,
    );
    this.addSql(
      'alter table "separation_exception" add constraint "separation_exception_identity_id_foreign" foreign key ("identity_id") references "identity" ("id")',
    );
    this.addSql(
      'alter table "separation_exception" add constraint "separation_exception_granted_by_foreign" foreign key ("granted_by") references "identity" ("id")',
    );
    this.addSql(
      'alter table "separation_exception" add constraint "separation_exception_case_id_foreign" foreign key ("case_id") references "case_file" ("id")',
    );
    this.addSql('create index "separation_exception_identity_index" on "separation_exception" ("identity_id") where "revoked_at" is null');
    this.addSql('alter table "separation_exception" add constraint "separation_exception_time_check" check ("valid_from" < "valid_until")');
    this.addSql('alter table "separation_exception" add constraint "separation_exception_granted_by_check" check ("granted_by" <> "identity_id")');
    this.addSql('grant select, insert, update on "separation_exception" to tenure_runtime');
  }
}
