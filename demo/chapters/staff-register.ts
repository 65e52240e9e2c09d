import type { Stage } from '../stage.ts';

/** Result of one record of the contact centre's register. */
export interface RegisteredRecord {
  readonly outcome: string;
  readonly identityId: string | null;
}
interface Answer {
  readonly recordFacts: { readonly results: readonly RegisteredRecord[] };
}

const mutation = 'mutation ($input: RecordFactsInput!) { recordFacts(input: $input) { results { outcome identityId } } }';

/** Sends all people of the contact centre's register in one batch, as happens every night. */
export async function exportRegister(
  { contactCentre }: Stage,
  version: number,
  people: readonly { readonly number: number; readonly status: 'ACTIVE' | 'ENDED' }[],
): Promise<readonly RegisteredRecord[]> {
  const records = people.map(({ number, status }) => {
    const name = `agent${String(number).padStart(2, '0')}`;
    const attributes = {
      displayName: `Agent ${number}`,
      familyName: 'Agent',
      email: `${name}@fabrikam.example`,
      employeeNumber: `A-${number}`,
      department: 'Contact Centre',
    };
    return { externalId: `A-${number}`, version: String(version), status, attributes };
  });
  return (await contactCentre.ask<Answer>(mutation, { input: { source: 'contact-centre', records } })).recordFacts.results;
}

/** Number of records by result: `24 CREATED`. */
export function counted(results: readonly RegisteredRecord[]): string {
  return [...Map.groupBy(results, ({ outcome }) => outcome)].map(([outcome, some]) => `${some.length} ${outcome}`).join(', ');
}
