import type { AccountRef } from '@tenure/domain';
import type { AccountPage, TargetConnector } from '../connector.ts';
import { failuresOf } from '../failures.ts';
import { createChanger } from './change-accounts.ts';
import { checkColumns } from './check-connection.ts';
import { openDatabase, type Session } from './database.ts';
import { createReader } from './read-accounts.ts';
import type { AccountRow } from './rows.ts';
import type { SqlSettings } from './settings.ts';
import { compileStatements } from './statements.ts';

const pageSize = 500;

/**
 * Creates the connector of accounts in a PostgreSQL database. Opens no connection yet.
 * @throws InputInvalid when a statement of the configuration is wrong
 */
export function createSqlConnector(settings: SqlSettings): TargetConnector {
  const failures = failuresOf(settings.name);
  const statements = compileStatements(settings);
  const database = openDatabase(settings, failures);
  const reader = createReader(statements, settings.statements.memberships, failures);
  const changer = createChanger({ settings, statements, reader, failures });

  /** Changes an existing account. @returns `null` when there is none, without a change */
  function change<T>(ref: AccountRef, work: (session: Session, row: AccountRow) => Promise<T>): Promise<{ readonly done: T } | null> {
    return database.transaction(async (session) => {
      const row = await reader.look(session, ref);
      return row === null ? null : { done: await work(session, row) };
    });
  }

  async function mustBeThere<T>(changed: Promise<{ readonly done: T } | null>): Promise<T> {
    const answer = await changed;
    if (answer === null) throw failures.notFound();
    return answer.done;
  }

  return {
    check: () =>
      database.transaction(async (session) => {
        await reader.page(session, null, 1);
        await reader.checkStatements(session);
        return checkColumns(session, statements, settings, failures);
      }),

    list: (page, entitlements = []) =>
      database.readOnly(async (session): Promise<AccountPage> => {
        const rows = await reader.page(session, page ?? null, pageSize);
        const items = await reader.listed(session, rows, entitlements);
        // A page that is not full is the last: the database itself returned no more rows.
        const next = rows.length === pageSize ? (rows.at(-1)?.native_id ?? null) : null;
        return { items, total: null, next, isByPosition: false, doubt: (await reader.isListFiltered(session)) ? 'row-security' : null };
      }),

    observe: (ref, memberships) =>
      database.transaction(async (session) => {
        const row = await reader.look(session, ref);
        return row === null ? null : reader.observed(session, row, memberships);
      }),

    create: (account) =>
      database.transaction(async (session) => {
        const { userName } = account;
        // Searched first, since the table may have no unique constraint.
        if ((await reader.find(session, { nativeId: null, userName })) !== null) throw failures.conflict();
        const row = await reader.find(session, { nativeId: await changer.create(session, account), userName });
        if (row === null) throw failures.refused('the new account could not be read back', { statement: 'create' });
        return reader.observed(session, row);
      }),

    update: (ref, attributes, mark, former = []) => mustBeThere(change(ref, (session, row) => changer.update(session, row, attributes, { mark, former }))),

    delete: async (ref) => {
      await change(ref, (session, row) => changer.delete(session, row));
    },

    enable: (ref) => mustBeThere(change(ref, (session, row) => changer.switch(session, row, 'enable'))),

    disable: async (ref) => {
      await change(ref, (session, row) => changer.switch(session, row, 'disable'));
    },

    addMember: (entitlement, ref, _groupId, onGroup) =>
      mustBeThere(
        change(ref, async (session, row) => {
          const groupId = await changer.addMember(session, row, entitlement);
          // Called before the commit.
          if (groupId !== null) await onGroup?.(groupId);
          return groupId;
        }),
      ),

    removeMember: async (entitlement, ref, groupId = null) => {
      await change(ref, (session, row) => changer.removeMember(session, row, entitlement, groupId));
    },

    close: () => database.close(),
  };
}
