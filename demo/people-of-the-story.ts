import { randomUUID } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';
import type { Person } from '@tenure/testing/identity-providers/people.ts';

/** A contractor of whom no source has a record. */
export function carla(department: string, contractEnd: string): Person {
  return {
    name: 'carla.conti',
    subject: 'c4f1-carla',
    attributes: {
      givenName: 'Carla',
      familyName: 'Conti',
      displayName: 'Carla Conti',
      email: 'carla.conti@contoso.example',
      employeeNumber: 'C-1001',
      department,
      jobRole: 'Accountant',
      manager: 'Marta Keller',
      contractEnd,
    },
  };
}

/** A contractor whose contract ends by itself. */
export function bruno(contractEnd: string): Person {
  return {
    name: 'bruno.weber',
    subject: 'b7a2-bruno',
    attributes: {
      givenName: 'Bruno',
      familyName: 'Weber',
      displayName: 'Bruno Weber',
      email: 'bruno.weber@contoso.example',
      employeeNumber: 'C-1002',
      department: 'Finance',
      jobRole: 'Auditor',
      manager: 'Marta Keller',
      contractEnd,
    },
  };
}

/** An employee, as her company's OpenID provider knows her. */
export const olga: Person = {
  name: 'olga.petrova',
  subject: 'o9d3-olga',
  attributes: {
    given_name: 'Olga',
    family_name: 'Petrova',
    name: 'Olga Petrova',
    email: 'olga.petrova@fabrikam.example',
    email_verified: true,
    employee_number: 'E-2001',
  },
};

/** The same employee, as human resources know her. */
export const olgaAtHumanResources = {
  givenName: 'Olga',
  familyName: 'Petrova',
  displayName: 'Olga Petrova',
  email: 'olga.petrova@fabrikam.example',
  employeeNumber: 'E-2001',
  department: 'Finance',
  jobRole: 'Controller',
  manager: 'Marta Keller',
} as const;

/** Writes the file that an identity provider reads at each login: whole, whenever it looks. */
export async function writePeople(file: string, people: readonly Person[]): Promise<void> {
  const written = `${file}.${randomUUID()}`;
  await writeFile(written, JSON.stringify({ people }, null, 2));
  await rename(written, file);
}
