import { join } from 'node:path';
import { type Installation, install } from '../installation.ts';
import { measure } from '../measure.ts';
import { type Row, rowOf } from '../row.ts';
import type { Servers } from '../servers.ts';
import { carryOut } from './carry-out.ts';
import { bareFloors, libraryFloors } from './floors.ts';
import { loginFiles } from './login-files.ts';
import { type BenchOpenidProvider, startOpenidProvider } from './openid-provider.ts';
import { timeLogins } from './time-logins.ts';
import { timePages } from './time-pages.ts';
import { type BenchSamlProvider, createSamlProvider } from './saml-provider.ts';

/** Number of logins for each figure, one at a time; twice as many concurrently. */
const logins = 200;
const processes = 2;
/** Number of logins of each process before the measurement: Node needs some hundred until it has compiled their code. */
const warmUp = 600;

/** Measures logins at the service provider, from the callback request until its answer: the session is open then and access is decided. */
export async function runLogins(servers: Servers): Promise<readonly Row[]> {
  const metadataFile = join(servers.directory, 'metadata.xml');
  const saml = await createSamlProvider(metadataFile);
  const openid = await startOpenidProvider();
  try {
    return await logInto(await install(servers, loginFiles(metadataFile, openid.issuer)), saml, openid);
  } finally {
    await openid.stop();
  }
}

async function logInto(tenure: Installation, saml: BenchSamlProvider, openid: BenchOpenidProvider): Promise<readonly Row[]> {
  try {
    const apis: string[] = [];
    for (let started = 0; started < processes; started += 1) apis.push((await tenure.startApi()).url);
    const prepare = {
      SAML: (person: number, api: string) => saml.prepare(api, tenure.url, person),
      'OpenID Connect': (person: number, api: string) => openid.prepare(api, person),
    };
    let people = 0;
    const fresh = (n: number): number[] => Array.from({ length: n }, () => (people += 1));
    for (const protocol of ['SAML', 'OpenID Connect'] as const) for (const api of apis) await timeLogins(fresh(warmUp / 2), 4, [api], prepare[protocol]);

    const { one, eight } = await bareFloors(tenure.databaseUrl, logins);
    const rows: Row[] = [one, eight, ...(await libraryFloors(saml, tenure.url, logins, one))];
    const trips = Array.from({ length: logins }, () => null);
    await measure(trips.slice(0, 50), 1, openid.trade);
    rows.push(rowOf("the OpenID provider's round trip alone", await measure(trips, 1, openid.trade), one));
    for (const protocol of ['SAML', 'OpenID Connect'] as const) {
      const known = fresh(logins);
      const many = fresh(logins * 2);
      const [first] = apis.slice(0, 1);
      const at = [first ?? ''];
      rows.push(rowOf(`${protocol}, new person`, await timeLogins(known, 1, at, prepare[protocol]), one));
      rows.push(rowOf(`${protocol}, new person, 8 at a time, ${processes} processes`, await timeLogins(many, 8, apis, prepare[protocol]), eight, 'perSecond'));
      await carryOut(tenure.databaseUrl);
      // The first login after a change is decided; the usual ones repeat the last.
      rows.push(rowOf(`${protocol}, returning person of whom something has changed`, await timeLogins(known, 1, at, prepare[protocol]), one));
      await timeLogins(many, 8, apis, prepare[protocol]);
      rows.push(rowOf(`${protocol}, returning person`, await timeLogins(known, 1, at, prepare[protocol]), one));
      rows.push(
        rowOf(`${protocol}, returning person, 8 at a time, ${processes} processes`, await timeLogins(many, 8, apis, prepare[protocol]), eight, 'perSecond'),
      );
      if (protocol === 'SAML') rows.push(rowOf('the page /me after a login', await timePages(known, first ?? '', prepare[protocol]), one));
    }
    return rows;
  } finally {
    await tenure.stop();
  }
}
