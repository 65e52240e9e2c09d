import { parameterise, SQL_PARAMETERS, StatementInvalid, statementNames } from '@tenure/domain';
import type { RawTarget } from './raw-tenure.ts';
import type { LocatedProblem, Path } from './yaml-file.ts';

type Name = keyof typeof SQL_PARAMETERS;

/** One of each has to stand in a statement: without it, it would be about everybody, or find nobody again. */
const needed: Readonly<Record<Name, readonly (readonly string[])[]>> = {
  list: [['page'], ['limit']],
  find: [['userName']],
  read: [['nativeId']],
  create: [['userName'], ['externalId'], ['enabled']],
  update: [['nativeId', 'userName'], ['externalId']],
  enable: [['nativeId', 'userName']],
  disable: [['nativeId', 'userName']],
  delete: [['nativeId', 'userName']],
  memberships: [['nativeId', 'userName']],
  addMember: [['nativeId', 'userName'], ['entitlement']],
  removeMember: [['nativeId', 'userName'], ['entitlement']],
};

/** Whether the names in the statements of a SQL target are those that they need, and no others. */
export function checkStatements(path: Path, { statements, attributes }: RawTarget & { readonly kind: 'sql' }): LocatedProblem[] {
  const own = Object.keys(attributes ?? {});
  return (Object.keys(SQL_PARAMETERS) as Name[]).flatMap((name): LocatedProblem[] => {
    try {
      const { names } = parameterise(statements[name], statementNames(name, own));
      const missing = needed[name].filter((alternatives) => !alternatives.some((each) => names.includes(each)));
      const unwritten = name === 'update' ? own.filter((attribute) => !names.includes(attribute)) : [];
      return [
        ...missing.map((alternatives) => ({ path: [...path, name], message: `has to use ${alternatives.map((each) => `:${each}`).join(' or ')}` })),
        ...unwritten.map((attribute) => ({ path: [...path, name], message: `does not use :${attribute}, so that attribute would never change there` })),
      ];
    } catch (error) {
      if (error instanceof StatementInvalid) return [{ path: [...path, name], message: error.message }];
      throw error;
    }
  });
}
