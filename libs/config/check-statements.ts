import { compileSqlStatement, SQL_STATEMENT_NAMES, StatementInvalid } from '@tenure/domain';
import type { RawTarget } from './raw-tenure.ts';
import type { LocatedProblem, Path } from './yaml-file.ts';

/** Checks that the statements of a SQL target have all required parameters, and no unknown ones. */
export function checkStatements(path: Path, { statements, attributes }: RawTarget & { readonly kind: 'sql' }): LocatedProblem[] {
  const own = Object.entries(attributes ?? {});
  const isWriteOnly = ([, attribute]: (typeof own)[number]): boolean => typeof attribute === 'object' && attribute.writeOnly === true;
  const wanted = { attributes: own.map(([name]) => name), writeOnly: own.filter(isWriteOnly).map(([name]) => name) };
  return SQL_STATEMENT_NAMES.flatMap((name): LocatedProblem[] => {
    const at = [...path, name];
    try {
      const { names } = compileSqlStatement(name, statements[name], wanted);
      const unwritten = name === 'update' ? wanted.attributes.filter((attribute) => !names.includes(attribute)) : [];
      return unwritten.map((attribute) => ({ path: at, message: `does not use :${attribute}, so that attribute would never change there` }));
    } catch (error) {
      if (error instanceof StatementInvalid) return [{ path: at, message: error.message }];
      throw error;
    }
  });
}
