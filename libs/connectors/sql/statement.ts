/** A statement as PostgreSQL takes it. */
export interface ParameterisedStatement {
  /** With `$1`, `$2` … in place of the names. */
  readonly text: string;
  /** The name for `$1`, for `$2` …; each name once. */
  readonly names: readonly string[];
}

/** What is wrong with a statement, as a sentence without a full stop. */
export class StatementInvalid extends Error {}

// In the order in which PostgreSQL's scanner would take them (manual, section 4.1). What opens and never closes is caught by
// `unclosed`. An identifier is one token, so that in `a$1` or `name$x$` nothing is taken for a parameter or a dollar quote.
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
 * Turns the `:names` of a statement into parameters. What only looks like a name stays as it is: within string literals,
 * quoted identifiers, comments and dollar quotes, and in casts (`::`). An array slice has to be written `a[1 : n]`.
 * @param known the names that have a value
 * @throws StatementInvalid for a name that is not known, for `$1` written by hand, and for a quote or comment without end
 */
export function parameterise(statement: string, known: ReadonlySet<string>): ParameterisedStatement {
  const names: string[] = [];
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
    if (name === undefined) text += statement.slice(start, pattern.lastIndex);
    else text += `$${positionOf(name, names, known)}`;
  }
  return { text, names };
}

function positionOf(name: string, names: string[], known: ReadonlySet<string>): number {
  if (!known.has(name)) throw new StatementInvalid(`:${name} is not known here; known are ${[...known].map((each) => `:${each}`).join(', ')}`);
  if (!names.includes(name)) names.push(name);
  return names.indexOf(name) + 1;
}

/** Comments nest in PostgreSQL. */
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
