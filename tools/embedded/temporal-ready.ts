import { Connection } from '@temporalio/client';
import { loopback } from './ports.ts';
import type { SearchAttributeType, TemporalSetup } from './temporal-command.ts';

const questionTimeout = 5_000;

// temporal.api.enums.v1.IndexedValueType
const typeNumbers: Readonly<Record<SearchAttributeType, number>> = {
  Text: 1,
  Keyword: 2,
  Int: 3,
  Double: 4,
  Bool: 5,
  Datetime: 6,
  KeywordList: 7,
};

/**
 * Does the server know the namespace and every search attribute? Before that, starting a workflow fails.
 * @returns `true`, or `undefined` for "not yet"
 */
export async function temporalIsReady(setup: TemporalSetup): Promise<true | undefined> {
  return setup.program.kind === 'own' ? ownIsReady(setup) : cliIsReady(setup);
}

async function ownIsReady({ healthPort }: TemporalSetup): Promise<true | undefined> {
  try {
    const answer = await fetch(`http://${loopback}:${healthPort}/health`, { signal: AbortSignal.timeout(questionTimeout) });
    return answer.ok ? true : undefined;
  } catch {
    return undefined; // not listening yet
  }
}

// True if the server is ready. The CLI has no check for that, so a worker's call is tried. Attributes that came after the store are added.
async function cliIsReady({ port, namespace, searchAttributes }: TemporalSetup): Promise<true | undefined> {
  let connection: Connection | undefined;
  try {
    connection = await Connection.connect({ address: `${loopback}:${port}`, connectTimeout: questionTimeout });
    const entries = Object.entries(searchAttributes);
    const types = Object.fromEntries(entries.map(([name, type]) => [name, typeNumbers[type]]));
    if (entries.length > 0) await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: types });
    const query = ["WorkflowId = 'none'", ...entries.map(([name]) => `\`${name}\` IS NULL`)].join(' AND ');
    await connection.workflowService.countWorkflowExecutions({ namespace, query });
    return true;
  } catch {
    return undefined; // whatever it is, it passes or the start runs out of time
  } finally {
    await connection?.close();
  }
}
