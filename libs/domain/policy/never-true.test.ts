import { describe, expect, test } from '@jest/globals';
import { compileExpression } from '../expressions/expressions.ts';
import { SCHEMA } from '../testing/people.ts';

const whyNeverTrue = (source: string): string | null => compileExpression(source, 'bool', 'rule', SCHEMA).neverTrue;

describe('a condition that nobody can fulfil', () => {
  test.each([
    ['identity.department == "A" && identity.department == "B"', 'department cannot be "A" and "B" at once'],
    ['identity.department in ["A", "B"] && "C" == identity.department', 'department cannot be one of "A", "B" and "C" at once'],
    ['identity.department == "A" && identity.department != "A"', 'department cannot be "A" and not "A" at once'],
    ['identity.department == "A" && !(identity.department in ["A", "B"])', 'department cannot be "A" and not one of "A", "B" at once'],
    [
      'identity.department in ["A", "B"] && identity.department != "A" && identity.department != "B"',
      'department cannot be one of "A", "B" and not "A" and not "B" at once',
    ],
    [
      'identity.department == "A" && (identity.department == "B" || identity.department == "C")',
      'department cannot be "A" and "B" at once; department cannot be "A" and "C" at once',
    ],
    ['!(identity.department != "A" || identity.department != "B")', 'department cannot be "A" and "B" at once'],
    ['identity.userType == "extern"', 'userType is always one of "employee", "contractor", "partner"'],
    [
      'identity.userType != "employee" && identity.userType != "contractor" && identity.userType != "partner"',
      'userType is always one of "employee", "contractor", "partner"',
    ],
    ['identity.remote && !identity.remote', 'remote cannot be true and false at once'],
    ['identity.remote == false && identity.remote', 'remote cannot be false and true at once'],
    ['identity.level > 5 && identity.level <= 5', 'level cannot be > 5 and <= 5 at once'],
    ['identity.level < 1 && 3.5 < identity.level', 'level cannot be > 3.5 and < 1 at once'],
    ['identity.level == 2 && identity.level >= 3', 'level cannot be 2 and >= 3 at once'],
    ['identity.startDate > identity.endDate && identity.startDate <= identity.endDate', 'endDate cannot be < startDate and >= startDate at once'],
    ['now < identity.endDate && identity.endDate < now', 'endDate cannot be > now and < now at once'],
    ['"x" in identity.groups && !("x" in identity.groups)', '"x" in identity.groups cannot be true and false at once'],
    ['!true', 'it says false'],
  ])('%s', (source, reason) => expect(whyNeverTrue(source)).toBe(reason));
});

describe('a condition that somebody may fulfil', () => {
  test.each([
    'identity.department == "A" || identity.department == "B"',
    'identity.department == "A" && identity.department in ["A", "B"] && identity.department != "C"',
    'identity.level >= 5 && identity.level <= 5',
    'identity.level > 1 && identity.level < 2',
    'identity.startDate <= identity.endDate && identity.endDate <= identity.startDate',
    '"x" in identity.groups && "y" in identity.groups',
    'identity.userType != "employee"',
    'identity.department.startsWith("A") && !identity.department.startsWith("AB")',
    '(identity.department == "A" && identity.remote) || (identity.department == "B" && !identity.remote)',
  ])('%s', (source) => expect(whyNeverTrue(source)).toBeNull());
});
