import { Migration } from '@mikro-orm/migrations';

/** A transaction that leaves an open session to a person who is no longer active fails, whichever way it ended them. */
export class Migration0178EndedPeopleHaveNoSession extends Migration {
  override up(): void {
    this.addSql(
      `create function tenure_ended_people_have_no_session() returns trigger language plpgsql as $$ begin
        if exists (select from credential where identity_id = new.id and kind <> 'service-token' and ended_at is null)
          and (select state from identity where id = new.id) <> 'active' then
          raise exception 'sessions of a person end together with their access' using errcode = 'insufficient_privilege';
        end if;
        return null;
      end $$`,
    );
    // Looked at when the transaction commits, which may end the sessions after it has stored the state.
    this.addSql(
      `create constraint trigger identity_ends_sessions after update of state on "identity" deferrable initially deferred for each row
        when (new.state <> 'active') execute function tenure_ended_people_have_no_session()`,
    );
  }
}
