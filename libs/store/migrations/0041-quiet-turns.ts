import { Migration } from '@mikro-orm/migrations';

/** Whose turn it is to speak to a target about an account is nothing that subscribers see, so they are not told of it. */
export class Migration0041QuietTurns extends Migration {
  override up(): void {
    this.addSql('drop trigger account_notify on "account"');
    this.addSql(
      `create trigger account_notify after insert or delete or update of user_name, native_id, desired, observed, observed_at, confirmed_at, existed, ever_enabled, desired_since
        on "account" for each row execute function tenure_notify_identity()`,
    );
  }
}
