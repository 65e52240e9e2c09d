import type { Stage } from '../stage.ts';
import { type Colleague, hire } from './colleague.ts';

/** Approvers and owners, in every chapter the same. */
export interface Heads {
  /** Finance director. */
  readonly ines: Colleague;
  /** Head of Finance: owner of access that Finance grants. */
  readonly marta: Colleague;
  /** Head of Treasury. */
  readonly jan: Colleague;
}

/** Human resources hire them. */
export async function hireHeads(stage: Stage): Promise<Heads> {
  const board = { department: 'Board', manager: 'E-1000' };
  return {
    ines: await hire(stage, { givenName: 'Ines', familyName: 'Costa', employeeNumber: 'E-1000', department: 'Board', jobRole: 'Finance Director' }),
    marta: await hire(stage, { givenName: 'Marta', familyName: 'Keller', employeeNumber: 'E-1001', jobRole: 'Head of Finance', ...board }),
    jan: await hire(stage, { givenName: 'Jan', familyName: 'Moor', employeeNumber: 'E-1002', jobRole: 'Head of Treasury', ...board }),
  };
}
