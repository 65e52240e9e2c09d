import { randomBytes } from 'node:crypto';
import {
  type Fault,
  type FaultyProxy,
  type PassingRequest,
  type RunningScimServer,
  type ScimDialect,
  startDialectServer,
  startFaultyProxy,
  startScimServer,
} from '@tenure/testing/targets/index.ts';
import { groupsOfCrm } from './configuration.ts';
import type { CrmDialect } from './dialects.ts';
import type { Hands, Lie } from './hands.ts';
import type { Random } from './random.ts';
import type { AccountThere } from './account-there.ts';

/** Kills of the workers that write whole groups. */
export interface WriterKills {
  /** Number of workers that are killed in all. */
  readonly times: number;
  /** Milliseconds after which some of the requests that they were sending arrive nevertheless; `null`: all have arrived. */
  readonly late: number | null;
  /** @param worker from 0 on */
  kill(worker: number): void;
}

/** A SCIM application that speaks a dialect, behind a door for each worker through which not everything passes. */
export interface Crm {
  /** @param worker from 0 on */
  environmentOf(worker: number): Readonly<Record<string, string>>;
  /** Plays random faults. @param tell called with each */
  misbehave(random: Random, tell: (what: string) => void): void;
  behave(): void;
  /** Plays one fault at all requests. */
  play(fault: Fault): void;
  killWriters(random: Random, kills: WriterKills): void;
  /** Speaks the next of its dialects; the last one stays. @returns whether there is one */
  speakNext(): boolean;
  /** Gives a group another name, and its name to a new group, at once. */
  rename(name: string): void;
  /** Method and path of all requests that came through. */
  readonly seen: readonly string[];
  /** Number of times that each account was written with an e-mail address, by user name. */
  emailWrites(): ReadonlyMap<string, number>;
  accounts(): readonly AccountThere[];
  /** User names of the accounts that Tenure removed. */
  removed(): readonly string[];
  readonly hands: Hands;
}

const workers = 2;
const patchSchema = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const userSchema = 'urn:ietf:params:scim:schemas:core:2.0:User';
const groupSchema = 'urn:ietf:params:scim:schemas:core:2.0:Group';

/** Faults that a repeated request gets past. */
const faults: readonly Fault[] = [
  { kind: 'status', status: 500, body: '{"oops":' },
  { kind: 'status', status: 503 },
  { kind: 'status', status: 429, headers: { 'retry-after': '1' } },
  { kind: 'html' },
  { kind: 'half-body' },
  { kind: 'silence' },
  { kind: 'dropped' },
  { kind: 'answer-lost' },
  { kind: 'answer-lost' },
];

export async function startCrm(stops: (() => Promise<void>)[], { speaks }: CrmDialect): Promise<Crm> {
  const token = randomBytes(16).toString('hex');
  const server = await startScimServer({ port: 0, token, groups: groupsOfCrm });
  const ahead = [...speaks];
  let spoken = ahead.shift() ?? {};
  let told: Pick<ScimDialect, 'unlisted' | 'oldUsers'> = {};
  const removed: string[] = [];
  const dialects = await startDialectServer({ url: server.url, answer: noting(server, removed) }, spoken);
  const speak = (): void => dialects.speak({ ...spoken, ...told });
  const doors: readonly FaultyProxy[] = await Promise.all(Array.from({ length: workers }, () => startFaultyProxy(dialects.url)));
  stops.push(
    () => server.stop(),
    () => dialects.stop(),
    ...doors.map((door) => () => door.stop()),
  );
  const { service } = server;
  const all = <T>(kind: 'Users' | 'Groups'): readonly T[] => {
    const found: T[] = [];
    for (;;) {
      const { Resources, totalResults } = service.list(kind, new URLSearchParams({ startIndex: String(found.length + 1), count: '200' })) as ScimPage<T>;
      found.push(...Resources);
      if (Resources.length === 0 || found.length >= totalResults) return found;
    }
  };
  /** Names of groups as they were known when they were made, by id. */
  const firstNames = new Map(all<ScimGroup>('Groups').map(({ id, displayName }) => [id, displayName]));
  let fault = (): Fault | null => null;
  let deathOf = (_worker: number, _request: PassingRequest): Fault | null => null;
  for (const [worker, door] of doors.entries()) door.playFrom((request) => deathOf(worker, request) ?? fault());

  const lieOf = (lie: Lie | null): typeof told => {
    if (lie === null) return {};
    return lie.kind === 'leaves-out' ? { unlisted: lie.isLeftOut } : { oldUsers: structuredClone(all<ScimUser>('Users')) };
  };
  const userOf = (userName: string): ScimUser | undefined => all<ScimUser>('Users').find((user) => user.userName === userName);
  const change = (kind: 'Users' | 'Groups', id: string, operation: object): void =>
    void service.patch(kind, id, { schemas: [patchSchema], Operations: [operation] }, undefined);
  const setMember = (user: ScimUser, name: string, isMember: boolean): void => {
    for (const { id, displayName, members = [] } of all<ScimGroup>('Groups')) {
      const isIn = members.some(({ value }) => value === user.id);
      if (isMember && displayName === name && !isIn) change('Groups', id, { op: 'add', path: 'members', value: [{ value: user.id }] });
      // Whatever the group was called when the person was put into it.
      if (!isMember && firstNames.get(id) === name && isIn) change('Groups', id, { op: 'remove', path: `members[value eq "${user.id}"]` });
    }
  };
  const found = (userName: string, work: (user: ScimUser) => void): boolean => {
    const user = userOf(userName);
    if (user !== undefined) work(user);
    return user !== undefined;
  };
  const hands: Hands = {
    async create(userName, group) {
      setMember(service.create('Users', { schemas: [userSchema], userName, active: true }) as unknown as ScimUser, group, true);
    },
    setEnabled: async (userName, enabled) => found(userName, ({ id }) => change('Users', id, { op: 'replace', path: 'active', value: enabled })),
    setMember: async (userName, group, isMember) => found(userName, (user) => setMember(user, group, isMember)),
    remove: async (userName) => found(userName, ({ id }) => service.remove('Users', id)),
    lies: ['leaves-out', 'shows-old'],
    async tell(lie) {
      told = lieOf(lie);
      speak();
    },
  };

  return {
    hands,
    environmentOf: (worker) => ({ FAULTS_CRM_URL: doors[worker % workers]?.url ?? '', FAULTS_CRM_TOKEN: token }),
    misbehave(random, tell) {
      fault = () => {
        if (!random.happens(0.2)) return null;
        const picked = random.pick(faults);
        tell(String(picked.kind === 'status' ? picked.status : picked.kind));
        return picked;
      };
    },
    behave() {
      fault = () => null;
      deathOf = () => null;
    },
    play(one) {
      fault = () => one;
    },
    killWriters(random, { times, late, kill }) {
      const draw = (): number => random.whole(4, 12);
      let [left, next] = [times, draw()];
      deathOf = (worker, { method, path }) => {
        if (left === 0 || method !== 'PUT' || !path.includes('/Groups/') || --next > 0) return null;
        left -= 1;
        next = draw();
        return { kind: 'sender-gone', end: () => kill(worker), ...(late !== null && random.happens(0.5) ? { late } : {}) };
      };
    },
    speakNext() {
      const next = ahead.shift();
      if (next !== undefined) {
        spoken = next;
        speak();
      }
      return ahead.length > 0;
    },
    rename(name) {
      const group = all<ScimGroup>('Groups').find(({ displayName }) => displayName === name);
      if (group === undefined) throw new Error(`the CRM has no group ${name}`);
      service.patch('Groups', group.id, { schemas: [patchSchema], Operations: [{ op: 'replace', path: 'displayName', value: `${name} EU` }] }, undefined);
      const { id } = service.create('Groups', { schemas: [groupSchema], displayName: name });
      firstNames.set(String(id), name);
    },
    removed: () => removed,
    seen: dialects.seen,
    emailWrites() {
      const names = new Map(all<ScimUser>('Users').map(({ id, userName }) => [id, userName]));
      const counts = new Map<string, number>();
      for (const { method, path, body } of dialects.changes) {
        const [, id = ''] = /\/Users\/([^/?]+)$/.exec(path) ?? [];
        const userName = names.get(decodeURIComponent(id));
        if (userName === undefined || method === 'DELETE' || !JSON.stringify(body ?? null).includes('emails')) continue;
        counts.set(userName, (counts.get(userName) ?? 0) + 1);
      }
      return counts;
    },
    accounts() {
      const groups = all<ScimGroup>('Groups');
      return all<ScimUser>('Users').map(({ id, userName, externalId = '', active }) => {
        const held = groups.filter(({ members = [] }) => members.some(({ value }) => value === id));
        return { userName, externalId, enabled: active, groups: held.map((group) => firstNames.get(group.id) ?? group.displayName).sort() };
      });
    },
  };
}

/** Answers as the server does, and notes the user names of users who are removed over its interface. */
function noting({ url, service, answer }: RunningScimServer, removed: string[]): RunningScimServer['answer'] {
  const { pathname } = new URL(url);
  return async (request) => {
    const path = `${pathname}/Users/`;
    const isRemoval = request.method === 'DELETE' && request.path.startsWith(path);
    const filter = `id eq ${JSON.stringify(decodeURIComponent(request.path.slice(path.length)))}`;
    const { Resources } = (isRemoval ? service.list('Users', new URLSearchParams({ filter })) : { Resources: [] }) as Pick<ScimPage<ScimUser>, 'Resources'>;
    const answered = await answer(request);
    if (answered.status < 300) removed.push(...Resources.map(({ userName }) => userName));
    return answered;
  };
}

interface ScimPage<T> {
  readonly totalResults: number;
  readonly Resources: readonly T[];
}
interface ScimUser {
  readonly id: string;
  readonly userName: string;
  readonly externalId?: string;
  readonly active: boolean;
}
interface ScimGroup {
  readonly id: string;
  readonly displayName: string;
  readonly members?: readonly { readonly value: string }[];
}
