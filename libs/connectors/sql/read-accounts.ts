import {
  AccountNotVisible,
  type AccountRef,
  type AttributeValue,
  type MembershipQuestion,
  type MembershipSighting,
  type ObservedAccount,
} from '@tenure/domain';
import type { Failures } from '../failures.ts';
import { listedQuestions } from '../listed-questions.ts';
import { bulkMembershipsOf, type MembershipRows } from './bulk-memberships.ts';
import type { Answer, Session } from './database.ts';
import { isRefusal } from './failures.ts';
import { type ListedGroup, type Listing, listedGroup, namesOf, sharedNamesOf, sightingsOf } from './memberships.ts';
import { refusal } from './refusal.ts';
import { isFilteredByRowSecurity } from './row-security.ts';
import { type AccountRow, accountRow, attributesOf } from './rows.ts';
import type { SqlStatementName } from './settings.ts';
import type { Statements } from './statements.ts';

export type Values = Readonly<Record<string, AttributeValue | null>>;

/** Reads accounts by the statements of a target. Errors name the statement. */
export interface AccountReader {
  /** A page of accounts after an id, or from the beginning, at most `limit`. */
  page(session: Session, after: string | null, limit: number): Promise<readonly AccountRow[]>;
  /** Finds an account by id, else by name; `null`: the statement finds none, which proves nothing if rows are hidden. */
  find(session: Session, ref: AccountRef): Promise<AccountRow | null>;
  /** Finds an account; `null` proves that there is none. @throws AccountNotVisible when an account with this id may exist and be hidden */
  look(session: Session, ref: AccountRef): Promise<AccountRow | null>;
  /** True if row security hides accounts from `list`. */
  isListFiltered(session: Session): Promise<boolean>;
  groupsOf(session: Session, row: AccountRow): Promise<Listing>;
  /** True if `memberships` is known to return no ids of groups. */
  hasNoGroupIds(): boolean;
  observed(session: Session, row: AccountRow, questions?: readonly MembershipQuestion[]): Promise<ObservedAccount>;
  /** Accounts of a page, with the names of their groups: read for all of them together where the statement allows it. */
  listed(session: Session, rows: readonly AccountRow[], entitlements: readonly string[]): Promise<readonly ObservedAccount[]>;
  /** Plans each statement in the database. @throws ConnectorRefused with the name of the first refused one */
  checkStatements(session: Session): Promise<void>;
}

/** @param memberships the statement `memberships` as it is configured */
export function createReader(statements: Statements, memberships: string, failures: Failures): AccountReader {
  const inBulk = bulkMembershipsOf(memberships, statements.memberships);
  /** Cached properties of the database: they seldom change, and are determined again at each check of the target. */
  const filtered = new Map<SqlStatementName, boolean>();
  const caseless = new Map<number, boolean>();
  let groupIds: boolean | null = null;

  async function named<T>(name: SqlStatementName, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      throw isRefusal(error) ? refusal(failures, error, { name, attribute: null }) : error;
    }
  }
  const run = (session: Session, name: SqlStatementName, values: Values): Promise<Answer> => named(name, session.run(statements[name], values));

  async function accounts(session: Session, name: 'list' | 'find' | 'read', values: Values): Promise<readonly AccountRow[]> {
    return (await run(session, name, values)).rows.map((each) => {
      const row = accountRow(each);
      if ('native_id' in row) return row;
      throw failures.refused(`statements.${name}: ${row.wrong}`, { statement: name });
    });
  }

  async function find(session: Session, { nativeId, userName }: AccountRef): Promise<AccountRow | null> {
    const [row, ...others] = nativeId === null ? await accounts(session, 'find', { userName }) : await accounts(session, 'read', { nativeId });
    if (others.length > 0) throw failures.refused('several accounts answer to one name or id');
    if (row !== undefined && nativeId !== null && row.native_id !== nativeId)
      throw failures.refused('statements.read answers with another account than the one that was asked for', { statement: 'read' });
    return row ?? null;
  }

  async function isFiltered(session: Session, name: SqlStatementName): Promise<boolean> {
    const known = filtered.get(name) ?? (await isFilteredByRowSecurity(session, statements[name]));
    filtered.set(name, known);
    return known;
  }

  /** True if a column has the type citext, which compares without case. Types of extensions have no fixed OID, so its name is read. */
  async function isCaseless(session: Session, type: number): Promise<boolean> {
    if (type < firstOwnType) return false;
    const known = caseless.get(type);
    if (known !== undefined) return known;
    const { rows } = await session.run({ text: 'SELECT typname FROM pg_catalog.pg_type WHERE oid = $1', names: ['type'] }, { type });
    const [row] = rows as readonly { readonly typname: string }[];
    caseless.set(type, row?.typname === 'citext');
    return row?.typname === 'citext';
  }

  async function groupsOf(session: Session, row: AccountRow): Promise<Listing> {
    return groupsIn(session, await run(session, 'memberships', { nativeId: row.native_id, userName: row.user_name }));
  }

  async function groupsIn(session: Session, { rows, types }: MembershipRows): Promise<Listing> {
    return { groups: listedGroups(rows), isCaseless: await noteTypes(session, types) };
  }

  /** Notes what the columns of `memberships` tell. @returns true if names of groups are compared without case */
  function noteTypes(session: Session, types: MembershipRows['types']): Promise<boolean> {
    groupIds = types.has('group_id');
    return isCaseless(session, types.get('entitlement') ?? 0);
  }

  function listedGroups(rows: MembershipRows['rows']): readonly ListedGroup[] {
    return rows.map((each) => {
      const group = listedGroup(each);
      if (group !== null) return group;
      throw failures.refused('statements.memberships has to answer with the column entitlement, as text', { statement: 'memberships' });
    });
  }

  function accountOf(row: AccountRow, entitlements: readonly string[], memberships: readonly MembershipSighting[]): ObservedAccount {
    return {
      nativeId: row.native_id,
      userName: row.user_name,
      externalId: row.external_id === '' ? null : row.external_id,
      enabled: row.enabled,
      attributes: attributesOf(row),
      entitlements,
      memberships,
    };
  }

  return {
    async page(session, after, limit) {
      const rows = await accounts(session, 'list', { page: after, limit });
      const wrong = (why: string): Error => failures.refused(`statements.list ${why}`, { statement: 'list' });
      if (rows.length > limit) throw wrong('does not keep to :limit');
      const ids = new Set(rows.map(({ native_id }) => native_id));
      if (ids.size < rows.length) throw wrong('answers with an account twice');
      if (after !== null && ids.has(after)) throw wrong('does not begin after :page');
      return rows;
    },
    find,
    async look(session, ref) {
      const row = await find(session, ref);
      if (row !== null || ref.nativeId === null || !(await isFiltered(session, 'read'))) return row;
      throw new AccountNotVisible(
        `${failures.target}: the account was not found, and row security leaves out rows of what statements.read reads: give the user BYPASSRLS, or read what no policy restricts`,
        { target: failures.target, statement: 'read', reason: 'row-security' },
      );
    },
    isListFiltered: (session) => isFiltered(session, 'list'),
    groupsOf,
    hasNoGroupIds: () => groupIds === false,
    async observed(session, row, questions = []) {
      const listing = await groupsOf(session, row);
      return accountOf(row, namesOf(questions, listing), await sightingsOf(questions, listing, () => isFiltered(session, 'memberships')));
    },
    async listed(session, rows, entitlements) {
      const questions = listedQuestions(entitlements);
      const [first] = rows;
      if (first === undefined) return [];
      const held = await named('memberships', inBulk(session, rows));
      if (held !== null) {
        const types = held.get(first.native_id)?.types ?? new Map<string, number>();
        const namesIn = sharedNamesOf(questions, await noteTypes(session, types));
        return rows.map((row) => accountOf(row, namesIn(listedGroups(held.get(row.native_id)?.rows ?? [])), []));
      }
      // Sent together: one round trip for a page.
      return Promise.all(rows.map(async (row) => accountOf(row, namesOf(questions, await groupsOf(session, row)), [])));
    },
    async checkStatements(session) {
      filtered.clear();
      caseless.clear();
      // Sent together: the first failure in order is the cause, and makes the later ones fail.
      const planned = await Promise.allSettled((Object.keys(statements) as SqlStatementName[]).map((name) => named(name, session.explain(statements[name]))));
      for (const { status, ...one } of planned) if (status === 'rejected' && 'reason' in one) throw one.reason;
    },
  };
}

/** First OID of types created in a database (FirstNormalObjectId). */
const firstOwnType = 16_384;
