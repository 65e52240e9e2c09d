import { randomBytes } from 'node:crypto';
import { type AccountAttributes, type AttributeValue, changedAttributes, isKeptWhenAbsent } from '@tenure/domain';
import type { NewAccount, WrittenMark } from '../connector.ts';
import { type Failures, ofTarget } from '../failures.ts';
import type { Answer, Session } from './database.ts';
import { isRefusal, isState, sqlState } from './failures.ts';
import { groupFor } from './memberships.ts';
import type { AccountReader, Values } from './read-accounts.ts';
import { refusal } from './refusal.ts';
import { refusedAttribute, rehearsed } from './refused-attribute.ts';
import { type AccountRow, attributesOf, idIn } from './rows.ts';
import type { SqlSettings, SqlStatementName } from './settings.ts';
import type { Statements } from './statements.ts';
import { mustConcernOne, withoutEffect } from './verify-change.ts';

/** Changes accounts by the statements of a target. If a statement changes no row, the account is read: the desired state counts as success. */
export interface AccountChanger {
  /** Creates an account. @returns its id; `null`: the statement returns none */
  create(session: Session, account: NewAccount): Promise<string | null>;
  update(session: Session, row: AccountRow, attributes: AccountAttributes, mark: WrittenMark): Promise<void>;
  switch(session: Session, row: AccountRow, name: 'enable' | 'disable'): Promise<void>;
  delete(session: Session, row: AccountRow): Promise<void>;
  /** Adds a member. @returns id of the group; `null`: neither the statement nor `memberships` returns one */
  addMember(session: Session, row: AccountRow, entitlement: string): Promise<string | null>;
  removeMember(session: Session, row: AccountRow, entitlement: string, groupId: string | null): Promise<void>;
}

interface Tools {
  readonly settings: Pick<SqlSettings, 'attributes' | 'rules'>;
  readonly statements: Statements;
  readonly reader: AccountReader;
  readonly failures: Failures;
}

export function createChanger({ settings, statements, reader, failures }: Tools): AccountChanger {
  const attributeNames = Object.keys(settings.attributes);

  /** Runs a statement about one account. */
  async function change(session: Session, name: SqlStatementName, row: AccountRow, values: Values): Promise<Answer> {
    const answer = await session.attempt(statements[name], { nativeId: row.native_id, userName: row.user_name, ...values });
    mustConcernOne(failures, name, answer, row.native_id);
    return answer;
  }

  async function plain(session: Session, name: SqlStatementName, row: AccountRow, values: Values = {}): Promise<Answer> {
    try {
      return await change(session, name, row, values);
    } catch (error) {
      throw isRefusal(error) ? refusal(failures, error, { name, attribute: null }) : error;
    }
  }

  /** Checks that no attribute is lost: a statement writes every attribute, and would clear those that are neither given nor readable. */
  function mustKeep(row: AccountRow, attributes: AccountAttributes): void {
    const emptied = statements.update.names.find(
      (name) => attributeNames.includes(name) && !Object.hasOwn(attributes, name) && !Object.hasOwn(row, name) && !isKeptWhenAbsent(statements.update, name),
    );
    if (emptied === undefined) return;
    throw failures.refused(
      `statements.update would empty ${emptied}, which find and read do not answer with: add the column to them, or write COALESCE(:${emptied}, ${emptied})`,
      { ...ofTarget, statement: 'update', attribute: emptied },
    );
  }

  /** Error for a refused creation: a conflict if the name is taken, otherwise a refusal of an attribute. */
  async function refusedCreate(session: Session, error: unknown, values: Values, { attributes }: NewAccount): Promise<Error> {
    if (!isRefusal(error)) return error as Error;
    const write = { statement: statements.create, values, changed: Object.keys(attributes), unchanged: {} };
    const isTaken = isState(error, sqlState.uniqueViolation);
    // If the statement succeeds with an unused name, the name is the conflict.
    if (isTaken && (await rehearsed(session, statements.create, { ...values, userName: randomBytes(4).toString('hex') })) === null)
      return failures.conflict({ cause: error });
    const attribute = await refusedAttribute(session, error, write);
    if (isTaken && attribute === null) return failures.conflict({ cause: error });
    return refusal(failures, error, { name: 'create', attribute });
  }

  return {
    async create(session, account) {
      const { userName, externalId, enabled } = account;
      const values = { ...emptyAsNull(account.attributes), userName, externalId, enabled };
      try {
        const answer = await session.attempt(statements.create, values);
        const nativeId = idIn(answer.rows[0], 'native_id');
        mustConcernOne(failures, 'create', answer, nativeId ?? '');
        return nativeId;
      } catch (error) {
        throw await refusedCreate(session, error, values, account);
      }
    },

    async update(session, row, attributes, { mark, former }) {
      mustKeep(row, attributes);
      const shown = attributesOf(row);
      const unchanged = only(shown, attributeNames);
      // A mark of others is not replaced.
      const values = { ...unchanged, ...emptyAsNull(attributes), externalId: former.includes(row.external_id ?? '') ? mark : row.external_id || mark };
      const answer = await change(session, 'update', row, values).catch(async (error: unknown): Promise<never> => {
        if (!isRefusal(error)) throw error;
        const write = {
          statement: statements.update,
          values: { nativeId: row.native_id, userName: row.user_name, ...values },
          changed: Object.keys(attributes),
          unchanged,
        };
        throw refusal(failures, error, { name: 'update', attribute: await refusedAttribute(session, error, write) });
      });
      if (answer.changed !== 0) return;
      const now = await reader.find(session, { nativeId: row.native_id, userName: row.user_name });
      if (now === null) throw failures.notFound();
      const [attribute] = Object.keys(changedAttributes(attributes, attributesOf(now), settings.rules));
      if (attribute !== undefined)
        throw withoutEffect(failures, 'update', `the account does not show the new ${attribute}`, 'correct its WHERE, or let the user write the row');
    },

    async switch(session, row, name) {
      const { changed } = await plain(session, name, row);
      if (changed !== 0) return;
      const now = await reader.find(session, { nativeId: row.native_id, userName: row.user_name });
      if (now === null && name === 'enable') throw failures.notFound();
      if (now === null || now.enabled === (name === 'enable')) return;
      const shown = now.enabled === null ? 'the account does not show whether it is enabled' : `the account is still ${now.enabled ? 'enabled' : 'disabled'}`;
      throw withoutEffect(failures, name, shown, 'correct its WHERE, or let the user write the row');
    },

    async delete(session, row) {
      const { changed } = await plain(session, 'delete', row);
      if (changed === 0 && (await reader.find(session, { nativeId: row.native_id, userName: row.user_name })) !== null)
        throw withoutEffect(failures, 'delete', 'the account is still there', 'correct its WHERE, or let the user delete the row');
    },

    async addMember(session, row, entitlement) {
      const { changed, rows } = await plain(session, 'addMember', row, { entitlement });
      const returned = idIn(rows[0], 'group_id');
      if (changed !== 0 && (returned !== null || reader.hasNoGroupIds())) return returned;
      const group = groupFor({ entitlement, groupId: null }, await reader.groupsOf(session, row));
      if (group !== undefined || changed !== 0) return group?.id ?? null;
      const remedy = 'see that there is such a group, by this name in the same upper and lower case, and that the user may write its members';
      throw withoutEffect(failures, 'addMember', 'the account is not shown in the group', remedy);
    },

    async removeMember(session, row, entitlement, groupId) {
      const { changed } = await plain(session, 'removeMember', row, { entitlement, groupId });
      if (changed !== 0) return;
      const group = groupFor({ entitlement, groupId }, await reader.groupsOf(session, row));
      if (group === undefined) return;
      const remedy =
        group.name === entitlement
          ? 'correct its WHERE, or let the user delete the row'
          : 'the group has another name by now: let the statement find it by :groupId';
      throw withoutEffect(failures, 'removeMember', 'the account is still in the group', remedy);
    },
  };
}

function only(values: Values, names: readonly string[]): Values {
  return Object.fromEntries(names.map((name) => [name, values[name] ?? null]));
}

/** Values for columns, with NULL for empty ones. */
function emptyAsNull(attributes: AccountAttributes): Values {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, Array.isArray(value) && value.length === 0 ? null : (value as AttributeValue)]),
  );
}
