import type { AccountAttributes, AccountRef, AttributeValue, MembershipQuestion, ObservedAccount } from '@tenure/domain';
import type { Page, TargetConnector } from '../connector.ts';
import { failuresOf } from '../failures.ts';
import { sightingsOf } from '../membership-sightings.ts';
import { checkStatements } from './check-connection.ts';
import { openDatabase, type Session } from './database.ts';
import { isUniqueViolation } from './failures.ts';
import { type AccountRow, attributesOf, isAccountRow, isCreatedRow, isMembershipRow } from './rows.ts';
import type { SqlSettings, SqlStatementName } from './settings.ts';
import { compileStatements } from './statements.ts';

type Values = Readonly<Record<string, AttributeValue | null>>;

const pageSize = 200;

/**
 * Connects to accounts in a PostgreSQL database. Opens nothing yet.
 * @throws InputInvalid when a statement of the configuration is wrong
 */
export function createSqlConnector(settings: SqlSettings): TargetConnector {
  const failures = failuresOf(settings.name);
  const statements = compileStatements(settings);
  const database = openDatabase(settings, failures);
  const attributeNames = Object.keys(settings.attributes);

  const run = (session: Session, name: SqlStatementName, values: Values): Promise<readonly unknown[]> => session.run(statements[name], values);

  async function accounts(session: Session, name: 'list' | 'find' | 'read', values: Values): Promise<readonly AccountRow[]> {
    const rows = await run(session, name, values);
    return rows.map((row) => {
      if (isAccountRow(row)) return row;
      throw failures.refused(`statements.${name} answers with other columns or types than it has to`, { statement: name });
    });
  }

  async function find(session: Session, ref: AccountRef): Promise<AccountRow | null> {
    const { nativeId, userName } = ref;
    const [row, ...others] = nativeId === null ? await accounts(session, 'find', { userName }) : await accounts(session, 'read', { nativeId });
    if (others.length > 0) throw failures.refused('several accounts answer to one name or id');
    return row ?? null;
  }

  async function observed(session: Session, row: AccountRow, questions: readonly MembershipQuestion[] = []): Promise<ObservedAccount> {
    const memberships = await run(session, 'memberships', { nativeId: row.native_id, userName: row.user_name });
    const entitlements = memberships.map((each) => {
      if (isMembershipRow(each)) return each.entitlement;
      throw failures.refused('statements.memberships has to answer with the column entitlement', { statement: 'memberships' });
    });
    return {
      nativeId: row.native_id,
      userName: row.user_name,
      externalId: row.external_id,
      enabled: row.enabled,
      attributes: attributesOf(row),
      entitlements: [...new Set(entitlements)].sort(),
      memberships: sightingsOf(questions, entitlements),
    };
  }

  /** Runs a statement about an account that is there. @returns false, having done nothing, when it is not */
  function change(ref: AccountRef, name: SqlStatementName, values: (row: AccountRow) => Values = () => ({})): Promise<boolean> {
    return database.transaction(async (session) => {
      const row = await find(session, ref);
      if (row === null) return false;
      await run(session, name, { nativeId: row.native_id, userName: row.user_name, ...values(row) });
      return true;
    });
  }

  async function mustBeThere(changed: Promise<boolean>): Promise<void> {
    if (!(await changed)) throw failures.notFound();
  }

  return {
    check: () =>
      database.transaction(async (session) => {
        await accounts(session, 'list', { page: null, limit: 1 });
        return checkStatements(session, statements, settings, failures);
      }),

    list: (page) =>
      database.transaction(async (session): Promise<Page<ObservedAccount>> => {
        const rows = await accounts(session, 'list', { page: page ?? null, limit: pageSize });
        if (rows.length > pageSize) throw failures.refused('statements.list does not keep to :limit', { statement: 'list' });
        const items: ObservedAccount[] = [];
        for (const row of rows) items.push(await observed(session, row));
        // A page that is not full is the last: the database itself said that there are no more rows.
        return { items, total: null, next: rows.length === pageSize ? (rows.at(-1)?.native_id ?? null) : null };
      }),

    observe: (ref, memberships) =>
      database.transaction(async (session) => {
        const row = await find(session, ref);
        return row === null ? null : observed(session, row, memberships);
      }),

    create: ({ userName, externalId, enabled, attributes }) =>
      database.transaction(async (session) => {
        // Looked up first: the table may have no unique constraint.
        if ((await find(session, { nativeId: null, userName })) !== null) throw failures.conflict();
        const [created] = await run(session, 'create', { ...attributes, userName, externalId, enabled }).catch((error: unknown) => {
          throw isUniqueViolation(error) ? failures.conflict({ cause: error }) : error;
        });
        const row = await find(session, { nativeId: isCreatedRow(created) ? created.native_id : null, userName });
        if (row === null) throw failures.refused('the new account could not be read back', { statement: 'create' });
        return observed(session, row);
      }),

    update: (ref, attributes, externalId) =>
      // The statement writes every attribute; those that are not to change get the value that they have.
      mustBeThere(change(ref, 'update', (row) => ({ ...only(attributesOf(row), attributeNames), ...emptyAsNull(attributes), externalId }))),

    delete: async (ref) => {
      await change(ref, 'delete');
    },

    enable: (ref) => mustBeThere(change(ref, 'enable')),

    disable: async (ref) => {
      await change(ref, 'disable');
    },

    addMember: async (entitlement, ref) => {
      await mustBeThere(change(ref, 'addMember', () => ({ entitlement })));
      return null;
    },

    removeMember: async (entitlement, ref) => {
      await change(ref, 'removeMember', () => ({ entitlement }));
    },

    close: () => database.close(),
  };
}

function only(values: Values, names: readonly string[]): Values {
  return Object.fromEntries(names.map((name) => [name, values[name] ?? null]));
}

/** A column holds NULL where there is no value. */
function emptyAsNull(attributes: AccountAttributes): Values {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, Array.isArray(value) && value.length === 0 ? null : (value as AttributeValue)]),
  );
}
