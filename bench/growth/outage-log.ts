import { setTimeout as pause } from 'node:timers/promises';
import { install } from '../installation.ts';
import { send } from '../login/requests.ts';
import { lifeFiles } from '../lives/life-files.ts';
import { figure, type Row } from '../row.ts';
import type { Servers } from '../servers.ts';
import { tokenOf } from '../token.ts';

const people = 100;
const minutes = 2;

/** Measures bytes that a worker logs, and rows of attempts that it writes, during an outage of a target for which a hundred people wait. */
export async function runOutageLog(servers: Servers): Promise<readonly Row[]> {
  // No server listens there.
  const tenure = await install(servers, lifeFiles(1, 'postgresql://nobody@127.0.0.1:9/none'));
  const { address, namespace } = await servers.temporal();
  let bytes = 0;
  let isCounting = false;
  const onLine = (line: string): void => {
    if (isCounting) bytes += Buffer.byteLength(line) + 1;
  };
  try {
    await tenure.startWorker({ TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace }, onLine);
    const api = await tenure.startApi();
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${await tokenOf(tenure, 'source:hr')}` };
    isCounting = true;
    for (let person = 0; person < people; person += 1) {
      const attributes = { employeeNumber: `O-${person}`, displayName: `Away ${person}`, department: 'Finance' };
      const records = [{ externalId: `O-${person}`, version: '1', status: 'ACTIVE', attributes }];
      const body = JSON.stringify({
        query: 'mutation ($input: RecordFactsInput!) { recordFacts(input: $input) { problems } }',
        variables: { input: { source: 'hr', records } },
      });
      await send({ url: `${api.url}/graphql`, method: 'POST', headers, body });
    }
    await pause(minutes * 60_000);
    isCounting = false;
    const found = await tenure.store.read(async (tx) => {
      const ids = await tx.access.operationIds({}, ['pending'], 100_000);
      const attempts = await tx.access.attemptsOf(ids);
      return { rows: attempts.length, attempts: attempts.reduce((total, { count }) => total + count, 0), operations: ids.length };
    });
    const name = `a target away, ${people} people wait`;
    return [
      figure(`${name}: log of a worker`, 'B/min', bytes / minutes),
      figure(`${name}: attempts`, 'attempts/min', found.attempts / minutes),
      figure(`${name}: rows of attempts for an operation`, 'rows', found.rows / Math.max(1, found.operations), { n: found.operations }),
    ];
  } finally {
    await tenure.stop();
  }
}
