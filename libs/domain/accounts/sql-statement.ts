/** A statement in the form that PostgreSQL accepts. */
export interface ParameterisedStatement {
  /** Text with `$1`, `$2` … in place of the names. */
  readonly text: string;
  /** The name for `$1`, for `$2` …; each name once. */
  readonly names: readonly string[];
}

/** Error of an invalid statement. Its message is a sentence without a full stop. */
export class StatementInvalid extends Error {}

// Tokens in the order of PostgreSQL's scanner (manual, section 4.1). `unclosed` matches a quote that opens and never closes.
// An identifier is one token, so that no part of `a$1` or `name$x$` is parsed as a parameter or a dollar quote.
const tokens = [
  String.raw`(?<space>\s+)`,
  String.raw`(?<lineComment>--[^\n]*)`,
  String.raw`(?<blockComment>/\*)`,
  String.raw`(?<escapeString>[eE]'(?:[^'\\]|\\[\s\S]|'')*')`,
  String.raw`(?<identifier>[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*)`,
  String.raw`(?<string>'(?:[^']|'')*')`,
  String.raw`(?<quoted>"(?:[^"]|"")*")`,
  String.raw`(?<dollarQuote>\$(?<tag>[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$[\s\S]*?\$\k<tag>\$)`,
  String.raw`(?<position>\$\d+)`,
  String.raw`(?<cast>::|:=)`,
  String.raw`:(?<name>[A-Za-z_][A-Za-z0-9_]*)`,
  String.raw`(?<number>\d[A-Za-z0-9_.]*)`,
  String.raw`(?<unclosed>['"]|\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$)`,
  String.raw`(?<other>[\s\S])`,
].join('|');

/**
 * Replaces the `:names` of a statement by parameters. Text that only looks like a name is unchanged: within string literals,
 * quoted identifiers, comments and dollar quotes, and in casts (`::`). An array slice must be written `a[1 : n]`.
 * @param known names that have a value
 * @throws StatementInvalid for an unknown name, for a written `$1`, and for a quote or comment that does not close
 */
export function parameterise(statement: string, known: ReadonlySet<string>): ParameterisedStatement {
  const names: string[] = [];
  const text = replaceNames(statement, (name) => `$${positionOf(name, names, known)}`);
  return { text, names };
}

/**
 * Replaces the `:names` of a statement by other text.
 * @throws StatementInvalid for a written `$1`, and for a quote or comment that does not close
 */
export function replaceNames(statement: string, replacementOf: (name: string) => string): string {
  // super-linear: a statement of the configuration
  const pattern = new RegExp(tokens, 'y');
  let text = '';
  while (pattern.lastIndex < statement.length) {
    const start = pattern.lastIndex;
    const groups = pattern.exec(statement)?.groups ?? {};
    if (groups['unclosed'] !== undefined) throw new StatementInvalid(`a quote that opens at character ${start + 1} does not close`);
    if (groups['position'] !== undefined) throw new StatementInvalid(`${groups['position']} is not allowed: use a name, like :userName`);
    if (groups['blockComment'] !== undefined) pattern.lastIndex = endOfComment(statement, start);
    const { name } = groups;
    text += name === undefined ? statement.slice(start, pattern.lastIndex) : replacementOf(name);
  }
  return text;
}

/** True if the statement keeps the current value when this name has none, since it uses the name only within `COALESCE(:name, …)`. */
export function isKeptWhenAbsent({ text, names }: ParameterisedStatement, name: string): boolean {
  const parameter = String.raw`\$${names.indexOf(name) + 1}(?!\d)`;
  // super-linear: no, a number's place in a statement of the configuration
  const uses = text.match(new RegExp(parameter, 'g'))?.length ?? 0;
  // super-linear: no, a statement of the configuration
  return uses === (text.match(new RegExp(String.raw`\bcoalesce\s*\(\s*${parameter}`, 'gi'))?.length ?? 0);
}

function positionOf(name: string, names: string[], known: ReadonlySet<string>): number {
  if (!known.has(name)) throw new StatementInvalid(`:${name} is not known here; known are ${[...known].map((each) => `:${each}`).join(', ')}`);
  if (!names.includes(name)) names.push(name);
  return names.indexOf(name) + 1;
}

/** Index after the end of a comment. Comments nest in PostgreSQL. */
function endOfComment(statement: string, start: number): number {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = start;
  let depth = 0;
  for (let found = mark.exec(statement); found; found = mark.exec(statement)) {
    depth += found[0] === '/*' ? 1 : -1;
    if (depth === 0) return mark.lastIndex;
  }
  throw new StatementInvalid(`a comment that opens at character ${start + 1} does not close`);
}

interface Parameters {
  readonly may: readonly string[];
  /** One name of each of these must be used: a statement without it would affect every account or group at once. */
  readonly must?: readonly (readonly string[])[];
}

const ref = ['nativeId', 'userName'];

/** Statements of a SQL target. */
export type SqlStatement = 'list' | 'find' | 'read' | 'create' | 'update' | 'enable' | 'disable' | 'delete' | 'memberships' | 'addMember' | 'removeMember';

/** Parameters that each statement may and must use; `create` and `update` may also use the target's own attributes. */
const parameters: Readonly<Record<SqlStatement, Parameters>> = {
  list: { may: ['page', 'limit'] },
  find: { may: ['userName'], must: [['userName']] },
  read: { may: ['nativeId'], must: [['nativeId']] },
  create: { may: ['userName', 'externalId', 'enabled'], must: [['userName']] },
  update: { may: [...ref, 'externalId'], must: [ref] },
  enable: { may: ref, must: [ref] },
  disable: { may: ref, must: [ref] },
  delete: { may: ref, must: [ref] },
  memberships: { may: ref, must: [ref] },
  addMember: { may: [...ref, 'entitlement'], must: [ref, ['entitlement']] },
  removeMember: { may: [...ref, 'entitlement', 'groupId'], must: [ref, ['entitlement', 'groupId']] },
};

export const SQL_STATEMENT_NAMES = Object.keys(parameters) as readonly SqlStatement[];

/**
 * Compiles a statement of a SQL target to one that PostgreSQL accepts.
 * @param attributes account attributes that Tenure writes; `writeOnly`: those of them that the target never shows
 * @throws StatementInvalid if it uses an unknown name, or lacks a required one
 */
export function compileSqlStatement(
  name: SqlStatement,
  text: string,
  { attributes, writeOnly }: { readonly attributes: readonly string[]; readonly writeOnly: readonly string[] },
): ParameterisedStatement {
  const { may, must = [] } = parameters[name];
  const statement = parameterise(text, new Set(name === 'create' || name === 'update' ? [...may, ...attributes] : may));
  const missing = must.find((names) => !names.some((each) => statement.names.includes(each)));
  if (missing !== undefined) throw new StatementInvalid(`${missing.map((each) => `:${each}`).join(' or ')} is not used, so it would speak of all at once`);
  const emptied = statement.names.find((each) => name === 'update' && writeOnly.includes(each) && !isKeptWhenAbsent(statement, each));
  if (emptied !== undefined)
    throw new StatementInvalid(
      `:${emptied} is writeOnly and NULL where it is not to change: write COALESCE(:${emptied}, ${emptied}), which keeps what is there`,
    );
  return statement;
}
