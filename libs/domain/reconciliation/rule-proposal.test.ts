import { expect, test } from '@jest/globals';
import { ruleYaml, sharedConditions } from './rule-proposal.ts';

test('people share what all of them have, and nothing that names one of them', () => {
  const people = [
    { department: 'Finance', site: 'Berlin', employeeNumber: '7', isExternal: false, title: 'Clerk' },
    { department: 'Finance', site: 'Berlin', employeeNumber: '7', isExternal: false, title: 'Head' },
  ];
  const names = ['title', 'site', 'isExternal', 'employeeNumber', 'department', 'missing'];
  expect(sharedConditions(people, names, new Set(['employeeNumber']))).toEqual([
    { attribute: 'department', value: 'Finance' },
    { attribute: 'isExternal', value: false },
    { attribute: 'site', value: 'Berlin' },
  ]);
  expect(sharedConditions([], names, new Set())).toEqual([]);
});

test('a proposed rule is YAML whatever the values contain', () => {
  const yaml = ruleYaml('crm.clerk', [
    { attribute: 'department', value: 'R&D "it\'s"' },
    { attribute: 'isExternal', value: false },
  ]);
  expect(yaml).toBe(
    [
      'birthright:',
      "  - name: 'found-crm.clerk'",
      '    when: \'identity.department == "R&D \\"it\'\'s\\"" && identity.isExternal == false\'',
      "    entitlements: ['crm.clerk']",
      '',
    ].join('\n'),
  );
});
