import { Migration } from '@mikro-orm/migrations';

/**
 * A version names tenure.yaml beside the policy: what is stored of it, with references to secrets closed. Versions of before have none, and stay
 * as they are. Whoever follows channel `tenure_configuration` learns of a new one.
 */
export class Migration0140ConfigurationVersions extends Migration {
  override up(): void {
    this.addSql(
      'alter table "policy_version" add column "settings" json null, add column "settings_digest" text null, add column "settings_mac" text null, add column "published_by" text null',
    );
    // Which versions have the settings of a process is asked with each decision.
    this.addSql('create index "policy_version_settings" on "policy_version" ("settings_digest", "version")');
    this.addSql('alter table "wave" add column "settings" json null, add column "settings_digest" text null, add column "settings_mac" text null');
    this.addSql(`create function tenure_notify_configuration() returns trigger language plpgsql as $$
      begin perform pg_notify('tenure_configuration', new.version::text); return null; end $$`);
    this.addSql('create trigger policy_version_notify after insert on "policy_version" for each row execute function tenure_notify_configuration()');
  }
}
