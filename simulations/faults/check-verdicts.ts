import type { Store } from '@tenure/store';
import { identityWorkflowId } from '@tenure/workflows/messages';
import { connectTemporal } from '@tenure/tools/tenure/connect-temporal.ts';
import { ask } from './ask.ts';
import { openCases, userNameOf } from './check-end.ts';
import { entitledTo, type TargetName } from './configuration.ts';
import { deafRole } from './dialects.ts';
import { temporalNamespace } from './installation.ts';
import type { Life } from './lives.ts';
import type { Targets } from './targets.ts';
import { hasCapitals } from './world.ts';

/** Verdict of Tenure on an account. */
export interface Said {
  readonly id: string;
  readonly target: TargetName;
  readonly userName: string;
  readonly desired: 'enabled' | 'disabled' | 'absent';
  readonly verdict: 'confirmed' | 'not-visible' | 'neither';
}

export async function saidOf(databaseUrl: string): Promise<readonly Said[]> {
  return ask<Said>(
    databaseUrl,
    `select id, target, user_name as "userName", desired->>'state' as desired,
       case when confirmed_at is not null then 'confirmed' when not_visible_at is not null then 'not-visible' else 'neither' end as verdict from account`,
  );
}

/**
 * Differences of Tenure's conclusions about the targets, and of its cases, from those that the targets' dialect leads to. Each is a sentence.
 * @param found keys of cases of findings that have to be open, besides those of values that a target stores differently; `null`: nothing was reconciled
 */
export async function differencesOfVerdicts(
  databaseUrl: string,
  store: Store,
  targets: Targets,
  lives: readonly Life[],
  found: readonly string[] | null = null,
): Promise<readonly string[]> {
  const said = await saidOf(databaseUrl);
  const kept = await keptOtherwise(targets, lives);
  const wrong = [...unproved(said, await there(targets, 'crm'), targets), ...unkept(said, kept), ...(await repeated(targets, lives))];
  if (targets.dialect.crm.shows === 'nothing') wrong.push(...(await confirmedUnseen(databaseUrl)));
  const effectless = new Set([...kept.values()].flatMap((keys) => [...keys]));
  const wanted = [
    ...(found ?? []),
    ...(found === null ? [] : aboutDrift(effectless)),
    ...effectless,
    ...(await aboutPlaces(said, targets)),
    ...(await aboutRecords(databaseUrl, lives)),
  ];
  for (const target of new Set(said.filter(({ verdict }) => verdict === 'not-visible').map((one) => one.target))) wanted.push(`not-visible/${target}`);
  const open = new Set((await openCases(store)).map(({ key }) => key));
  const isWanted = new Set(wanted);
  for (const key of isWanted) if (!open.has(key)) wrong.push(`the case ${key} is not open`);
  // A membership that is given without effect is corrected once, and a case from the next run on.
  const mayBe = new Set(found === null ? [] : [`reconciliation-findings/ledger/entitlement-missing/${deafRole}`]);
  const isDeaf = effectless.has(`write-without-effect/ledger/membership/${deafRole}`);
  for (const key of open) if (!isWanted.has(key) && !(isDeaf && mayBe.has(key))) wrong.push(`the case ${key} is open`);
  return wrong;
}

/** Values that a target stores differently from what is written, by target and user name: the keys of the cases about them. */
async function keptOtherwise({ dialect, ...targets }: Targets, lives: readonly Life[]): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const kept = new Map<string, ReadonlySet<string>>();
  const note = (target: TargetName, number: string, what: string): void => {
    const name = `${target} ${userNameOf(number)}`;
    kept.set(name, new Set([...(kept.get(name) ?? []), `write-without-effect/${target}/${what}`]));
  };
  const [inCrm, inLedger] = [await there(targets, 'crm'), await there(targets, 'ledger')];
  for (const { number, end } of lives) {
    const userName = userNameOf(number);
    if (hasCapitals(number) && inCrm.has(userName) && dialect.crm.speaks.some(({ emails }) => emails !== undefined)) note('crm', number, 'attribute/emails');
    if (hasCapitals(number) && inLedger.has(userName) && dialect.ledger === 'lower-cases') note('ledger', number, 'attribute/mail');
    const wanted = end.state === 'active' ? entitledTo('ledger', end.department, end.asserted) : [];
    if (dialect.ledger === 'deaf' && wanted.includes(deafRole)) note('ledger', number, `membership/${deafRole}`);
  }
  return kept;
}

/** Cases of the findings about attributes that are written without effect. */
function aboutDrift(effectless: ReadonlySet<string>): readonly string[] {
  return [...effectless].flatMap((key) => {
    const [, target, aspect, name] = key.split('/');
    return aspect === 'attribute' ? [`reconciliation-findings/${target}/attribute-drift/${name}`] : [];
  });
}

async function there(targets: Pick<Targets, 'accounts'>, target: TargetName): Promise<ReadonlySet<string>> {
  return new Set((await targets.accounts(target)).map(({ userName }) => userName));
}

/** Finds wrong conclusions: not visible is a state that the target cannot show, and no part of it is confirmed. */
function unproved(said: readonly Said[], inCrm: ReadonlySet<string>, { dialect }: Targets): readonly string[] {
  const { shows } = dialect.crm;
  return said.flatMap(({ target, userName, verdict }) => {
    // Nobody is ever shown in the role of which it accepts changes without effect, so it cannot be proved that somebody has lost it.
    const mayBeHidden = target === 'crm' ? shows !== 'all' : target === 'ledger' && dialect.ledger === 'deaf';
    if (verdict === 'not-visible' && !mayBeHidden) return [`${target}: ${userName} is not visible to Tenure, though the target shows everything`];
    const isHidden = target === 'crm' && shows === 'nothing' && inCrm.has(userName);
    return isHidden && verdict !== 'not-visible' ? [`${target}: ${userName} is ${verdict}, though the target shows no membership`] : [];
  });
}

/**
 * Finds accounts that are neither confirmed nor not visible for another reason than a value that the target stores differently. An end does not wait
 * for that.
 */
function unkept(said: readonly Said[], kept: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] {
  return said.flatMap(({ target, userName, verdict, desired }) => {
    const isKept = kept.has(`${target} ${userName}`);
    if (verdict === 'neither' && !isKept) return [`${target}: ${userName} is neither confirmed nor not visible, and the target keeps what it is written`];
    return verdict === 'confirmed' && isKept && desired === 'enabled' ? [`${target}: ${userName} is confirmed, though the target keeps something else`] : [];
  });
}

/** Finds repeated writes: five in two minutes are enough; a few more may be lost with a worker, or follow from another desired state. */
async function repeated(targets: Targets, lives: readonly Life[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const target of ['crm', 'ledger'] as const) {
    const writes = await targets.emailWrites(target);
    for (const { number, deeds } of lives) {
      const [times, most] = [writes.get(userNameOf(number)) ?? 0, 2 * (5 + deeds.length)];
      if (hasCapitals(number) && times > most)
        found.push(`${target}: ${userNameOf(number)} was written an e-mail address ${times} times, and ${most} are enough`);
    }
  }
  return found;
}

/** Finds memberships that are confirmed though the target never shows them. */
async function confirmedUnseen(databaseUrl: string): Promise<readonly string[]> {
  const rows = await ask<{ times: string }>(
    databaseUrl,
    `select count(*) as times from audit_event where action = 'account.confirmed' and reason->>'target' = 'crm' and reason->>'state' = 'enabled'`,
  );
  return rows.flatMap(({ times }) => (Number(times) > 0 ? [`crm: accounts were confirmed ${times} times, though the target shows no membership`] : []));
}

/** Checks the cases about entries that lie elsewhere: one for each, since a person has to find the reason. */
async function aboutPlaces(said: readonly Said[], targets: Targets): Promise<readonly string[]> {
  if (!targets.names.includes('directory')) return [];
  const elsewhere = new Set((await targets.accounts('directory')).filter(({ isElsewhere }) => isElsewhere === true).map(({ userName }) => userName));
  return said.filter(({ target, userName }) => target === 'directory' && elsewhere.has(userName)).map(({ id }) => `account-moved/${id}`);
}

/**
 * Checks the cases about the first login of people who had left by then: a person has to decide to whom it belongs. The provider's id of it is
 * `issuer|subject`.
 */
async function aboutRecords(databaseUrl: string, lives: readonly Life[]): Promise<readonly string[]> {
  const refusedAtFirst = lives.filter(({ deeds }) => isRefused(deeds));
  const rows = await ask<{ id: string }>(
    databaseUrl,
    `select id from source_record where identity_id is null and split_part(external_id, '|', 2) = any($1::text[])`,
    [refusedAtFirst.map(({ number }) => number)],
  );
  return rows.map(({ id }) => `ambiguous-record/${id}`);
}

function isRefused(deeds: Life['deeds']): boolean {
  const first = deeds.find((deed) => deed.kind === 'login');
  return first?.kind === 'login' && !first.isLetIn;
}

/**
 * Accounts that are neither confirmed nor not visible, with the present attempts, the aspects that the last read-back did not show, and the status of
 * the lifecycle workflow in Temporal: for when nothing settles.
 */
export async function unsettledAccounts(databaseUrl: string, temporalAddress: string): Promise<readonly string[]> {
  const rows = await ask<{ identityId: string; line: string }>(
    databaseUrl,
    `select identity_id as "identityId", format('%s %s %s since %s, seen %s, id %s, accepted %s: %s; %s; person %s, decided %s, wakes %s, leased until %s', target, a.user_name, desired::text,
       desired_since, observed_at, coalesce(native_id, 'none'), accepted::text,
       coalesce((select string_agg(format('%s %s ×%s %s', kind, status, attempts, coalesce(last_error->>'message', 'no error')), ', ')
         from operation o where o.account_id = a.id), 'never anything to do'),
       coalesce((select string_agg(format('%s %s %s %s wanted %s ×%s', aspect, name, verdict, evidence, desired, readings), ', ')
         from observation o where o.account_id = a.id and (verdict <> 'PRESENT' or aspect = 'membership')), 'all is shown'),
       i.state, i.decided_at, coalesce(i.next_wake_up::text, 'never'), coalesce(a.lease_until::text, 'never')) as line
     from account a join identity i on i.id = a.identity_id where confirmed_at is null and not_visible_at is null order by target, a.user_name limit 5`,
  );
  return Promise.all(rows.map(async ({ identityId, line }) => `${line}; ${await describedLife(temporalAddress, identityId).catch(String)}`));
}

/** Id by which Tenure knows a person's entry in the directory; `null`: none yet. */
export async function entryOf(databaseUrl: string, number: string): Promise<string | null> {
  const rows = await ask<{ id: string | null }>(databaseUrl, `select native_id as id from account where target = 'directory' and user_name = $1`, [
    userNameOf(number),
  ]);
  return rows[0]?.id ?? null;
}

async function describedLife(address: string, identityId: string): Promise<string> {
  const connection = await connectTemporal({ address });
  try {
    const execution = { workflowId: identityWorkflowId(identityId) };
    const { workflowExecutionInfo, pendingActivities, pendingWorkflowTask } = await connection.workflowService.describeWorkflowExecution({
      namespace: temporalNamespace,
      execution,
    });
    const activities = (pendingActivities ?? []).map(
      ({ activityType, state, attempt, lastFailure }) => `${activityType?.name} ${state} ×${attempt} ${lastFailure?.message ?? ''}`,
    );
    return `its workflow ${workflowExecutionInfo?.status}, activities ${activities.join(', ') || 'none'}, task ${JSON.stringify(pendingWorkflowTask ?? null)}`;
  } finally {
    await connection.close();
  }
}
