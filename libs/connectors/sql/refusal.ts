import type { ConnectorRefused } from '@tenure/domain';
import type { DatabaseError } from 'pg';
import { type Failures, ofTarget } from '../failures.ts';
import { sqlState } from './failures.ts';
import type { SqlStatementName } from './settings.ts';

/** A statement that the database refused. */
export interface RefusedStatement {
  readonly name: SqlStatementName;
  /** Account attribute that caused the refusal; `null`: unknown. */
  readonly attribute: string | null;
}

type Sentence = (subject: string, statement: string) => string;

/** Error texts for refused values, with the remedy, by SQLSTATE. */
const values: Readonly<Record<string, Sentence>> = {
  '22001': (subject) => `${subject} is longer than its column: shorten it in the expression, or widen the column`,
  '22003': (subject) => `${subject} is out of the range of its column: correct the fact, or the column`,
  '22007': (subject) => `${subject} is no date or time that its column takes: correct the expression`,
  '22008': (subject) => `${subject} is out of the range of its column: correct the fact, or the column`,
  '22P02': (subject) =>
    `${subject} does not have the form that its column takes, such as a number, a UUID or a value of an enum: correct the fact or the expression`,
  '22021': (subject) => `${subject} contains a character that the encoding of the database does not have: correct the fact`,
  '23502': (subject, statement) => `${subject} must not be NULL: see that the fact is there, or fill the column in ${statement}`,
  '23503': (subject) => `${subject} is not in the table that it refers to: add it there, or correct the fact`,
  '23505': (subject) => `another row has this value of ${subject} already: change it there, or at its source`,
  '23514': (subject) => `a check constraint forbids ${subject}: correct the fact, or the constraint`,
  '23P01': (subject) => `an exclusion constraint forbids ${subject}: correct the fact, or the constraint`,
  '42501': (_, statement) => `its user has no right to do what ${statement} does: grant it (GRANT, or a policy of row security)`,
  '42703': (_, statement) => `${statement} names a column that does not exist: correct it`,
  '42P01': (_, statement) => `${statement} names a table that does not exist: correct it`,
  '42883': (_, statement) => `${statement} uses a function or operator that does not exist for these types: correct it, or add a cast`,
  '42804': (_, statement) => `${statement} puts a value into a column of another type: add a cast`,
  '42601': (_, statement) => `${statement} is not valid SQL: correct it`,
};

/** Values that a statement writes beside the mapped attributes, as error texts name them. */
const SUBJECTS: Partial<Readonly<Record<SqlStatementName, string>>> = {
  create: 'the user name or the mark',
  update: 'the mark',
  addMember: 'the entitlement',
  removeMember: 'the entitlement',
};

const REASONS: Readonly<Record<string, string>> = { [sqlState.uniqueViolation]: 'uniqueness' };

/**
 * Error for a statement that the database refuses permanently. `details.statement` names it, `attribute`, `column` and `constraint` the cause,
 * as far as known; `reason` is `uniqueness` for a value that another account has. It contains no values.
 */
export function refusal(failures: Failures, error: DatabaseError & { readonly code: string }, { name, attribute }: RefusedStatement): ConnectorRefused {
  const { code } = error;
  const column = safeName(error.column) ?? keyColumns(error);
  const constraint = safeName(error.constraint);
  const reason = REASONS[code];
  const subject = attribute ?? (column === undefined ? SUBJECTS[name] : `column ${column}`) ?? 'a value';
  const because = constraint === undefined ? '' : `, constraint ${constraint}`;
  const said = values[code]?.(subject, `statements.${name}`) ?? `it refused statements.${name}${attribute === null ? '' : ` because of ${attribute}`}`;
  const details = {
    sqlState: code,
    statement: name,
    ...(attribute === null ? {} : { attribute }),
    ...(column === undefined ? {} : { column }),
    ...(constraint === undefined ? {} : { constraint }),
    ...(reason === undefined ? {} : { reason }),
    // The group has no row, for any member.
    ...(name === 'addMember' && (code === sqlState.foreignKeyViolation || code === sqlState.notNullViolation) ? ofTarget : {}),
    // A failure of the statement itself, for every account.
    ...(code.startsWith('42') || code === '3F000' ? { step: 'rights', reason: `SQLSTATE_${code}` } : {}),
  };
  return failures.refused(`${said} (SQLSTATE ${code}${because})`, details, { cause: error });
}

/** Columns of a detail such as `(login)=(ada)`, in any language of the server, without the values. */
function keyColumns({ detail }: DatabaseError): string | undefined {
  return safeName(/\(([^=()]*)\)=\(/.exec(detail ?? '')?.[1]);
}

/** Name of a column or constraint; `undefined` if it has another form and so could be a value. */
function safeName(name: string | undefined): string | undefined {
  return name !== undefined && /^[\p{L}\p{N}_$.,:() -]{1,120}$/u.test(name) ? name : undefined;
}
