import { Migration } from '@mikro-orm/migrations';

/** Whoever follows one case hears of what is said about it, and of what becomes of an approval, which is a case too. */
export class Migration0045ToldCases extends Migration {
  override up(): void {
    this.addSql(notifier('tenure_notify_commented', 'case_id'));
    this.addSql(notifier('tenure_notify_asked', 'item_id'));
    this.addSql('create trigger case_comment_notify after insert on "case_comment" for each row execute function tenure_notify_commented()');
    this.addSql('create trigger request_item_notify_itself after update on "request_item" for each row execute function tenure_notify_itself()');
    for (const table of ['request_approver', 'request_answer'])
      this.addSql(`create trigger ${table}_notify_asked after insert or update on "${table}" for each row execute function tenure_notify_asked()`);
  }
}

function notifier(name: string, column: string): string {
  return `create function ${name}() returns trigger language plpgsql as $$ begin perform pg_notify('tenure_identity', new.${column}::text); return null; end $$`;
}
