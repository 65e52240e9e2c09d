import { eventually } from '@tenure/testing/eventually.ts';
import { must } from '@tenure/testing/must.ts';
import type { ApplicationAccount, ApplicationSession } from '@tenure/testing/applications/application-state.ts';
import type { DemoApplication } from '../processes.ts';
import type { Stage } from '../stage.ts';
import { leaverCertificate } from '../chapters/leaver-certificate.ts';
import { duration, when } from '../tell.ts';
import type { Character } from './cast.ts';

/** Roles that policy gives in the applications, by department. */
const roles = {
  Finance: { wiki: 'finance', expenses: 'booker', travel: 'user' },
  Sales: { wiki: 'sales', expenses: 'traveller', travel: 'user' },
} as const;
type Department = keyof typeof roles;

/** Step 4: Carla goes on to applications that have never heard of her. */
export async function entersApplications(stage: Stage, carla: Character): Promise<void> {
  const { narrator, processes } = stage;
  narrator.step('4', 'She goes on to three applications that do not know her');
  narrator.say(
    'World',
    `${processes.applications.map(({ title, kind }) => `${title} (${kind})`).join(', ')}: none has an account of her, and Tenure provisions none of them. She opens each; it sends her to Tenure, which knows her already.`,
  );
  await visit(stage, carla, 'Finance');
}

/** Part of step 5: the move has ended her sessions, and the next visit brings the new roles into the same accounts. */
export async function entersAfterMove(stage: Stage, carla: Character): Promise<void> {
  const { narrator, processes } = stage;
  for (const application of processes.applications.filter(({ hearsOfEnds }) => hearsOfEnds)) {
    await eventually(`the sessions at ${application.title} to end`, async () => ((await openSessions(application)).length === 0 ? true : null), 30_000);
  }
  narrator.say('Apps', 'What they received about her has changed, so Tenure has ended her sessions there. She opens them again:');
  await visit(stage, carla, 'Sales');
}

/** Part of step 6: the end reaches the applications. @param since when the end was recorded, milliseconds since 1970 */
export async function applicationsAfterEnd(stage: Stage, carla: Character, since: number): Promise<void> {
  const { narrator, processes } = stage;
  const rows: string[][] = [];
  for (const application of processes.applications) {
    if (!application.hearsOfEnds) continue;
    const ended = await eventually(
      `the session at ${application.title} to end`,
      async () => {
        const { sessions } = await application.look();
        return sessions.some(({ endedAt }) => endedAt === null) ? null : (sessions.at(-1) ?? null);
      },
      30_000,
    );
    rows.push([application.title, `ended ${duration(Date.parse(ended.endedAt ?? '') - since)} after the record`]);
  }
  const travel = processes.applications.find(({ hearsOfEnds }) => !hearsOfEnds);
  must(travel !== undefined, 'there is no application without logout');
  const [left] = await openSessions(travel);
  must(left !== undefined, 'the session at Travel is not there any more');
  const certified = (await leaverCertificate(stage, carla.identityId)).applicationSessions.find(
    ({ application, openUntil }) => application === travel.name && openUntil !== null,
  );
  must(certified?.openUntil != null, "the certificate does not say until when Carla's session at Travel may last");
  must(
    Math.abs(Date.parse(certified.openUntil) - Date.parse(left.notAfter)) < 1000,
    `the certificate says ${certified.openUntil}, and Travel ${left.notAfter}`,
  );
  rows.push([travel.title, `cannot be notified: a session there lasts until ${when(left.notAfter)} at the latest, as the certificate says`]);
  narrator.table('Apps', rows);
  const page = await carla.browser.open(`${travel.address}/login`);
  must(page.status !== 200 || !page.body.includes(carla.name), `${travel.title} let Carla in again after her end`);
  narrator.say('World', `She asks ${travel.title} for another login. It sends her to Tenure, where she gets no further.`);
}

async function visit({ narrator, processes }: Stage, carla: Character, department: Department): Promise<void> {
  const rows: string[][] = [];
  for (const application of processes.applications) {
    const before = (await application.look()).accounts[0]?.logins ?? 0;
    const begun = Date.now();
    const page = await carla.browser.open(application.address);
    const took = Date.now() - begun;
    must(
      page.status === 200 && page.body.includes(carla.name),
      `${application.title} answered HTTP ${page.status} at ${new URL(page.url).pathname}: ${page.body.slice(0, 300)}`,
    );
    const account = await onlyAccount(application);
    const expected = roles[department][application.name as keyof (typeof roles)[Department]];
    must(account.roles.join() === expected, `${application.title} gave Carla ${account.roles.join() || 'no role'}, not ${expected}`);
    const what = account.logins === before ? 'the session goes on' : before === 0 ? 'account created' : 'account updated';
    rows.push([application.title, `${what}, role ${expected}`, duration(took)]);
  }
  narrator.table('Apps', rows);
}

/** The one account of an application: a second would be a person's second account. */
async function onlyAccount(application: DemoApplication): Promise<ApplicationAccount> {
  const { accounts } = await application.look();
  const [account] = accounts;
  must(account !== undefined && accounts.length === 1, `${application.title} has ${accounts.length} accounts, not one`);
  return account;
}

async function openSessions(application: DemoApplication): Promise<readonly ApplicationSession[]> {
  return (await application.look()).sessions.filter(({ endedAt }) => endedAt === null);
}
