import { type Department, departments } from './configuration.ts';
import type { Random } from './random.ts';

/** Event of one person, in this order for each of them. */
export type Deed =
  | {
      readonly kind: 'record';
      readonly version: number;
      readonly department: Department;
      /** Employee number of the manager, where it matters. */
      readonly manager?: string;
      /** Kind of person by HR. */
      readonly userType: 'employee' | 'contractor';
      readonly status: 'ACTIVE' | 'ENDED';
      /** True if the answer must be that of a new deed; a repeated or late one is `unchanged` or `stale`. */
      readonly isNews: boolean;
    }
  | { readonly kind: 'login'; readonly department: Department; readonly asserted: boolean; readonly contractEnds: number | null; readonly isLetIn: boolean };

/** One person, and all of their deeds. */
export interface Life {
  /** Immutable: HR's id, the provider's subject, the employee number. */
  readonly number: string;
  readonly deeds: readonly Deed[];
  /** Milliseconds from the beginning to the first deed, and between two deeds. */
  readonly begins: number;
  readonly pauses: readonly number[];
  /** Expected final state. */
  readonly end: LifeEnd;
}

export type LifeEnd =
  /** `granted`: entitlements of the ledger that were requested and approved. */
  | { readonly state: 'active'; readonly department: Department; readonly asserted: boolean; readonly granted?: readonly string[] }
  /** Employees' accounts stay, disabled; contractors' are deleted when their grace is over. */
  | { readonly state: 'ended'; readonly accounts: 'disabled' | 'absent' };

/** Seconds from the login until a contract expires by itself. */
const contractLasts = [6, 14] as const;

/** Draws people with their deeds: hires by HR, contractors whom a login creates, moves, ends, returns, and the same record again or too late. */
export function drawLives(random: Random, count: number, within: number): readonly Life[] {
  return Array.from({ length: count }, (_, index) => {
    const number = `P-${String(index + 1).padStart(5, '0')}`;
    const drawn = random.happens(0.7) ? employee(random) : contractor(random);
    const begins = random.whole(0, Math.floor(within * 0.6));
    return { number, ...drawn, begins, pauses: drawn.deeds.map(() => random.whole(0, Math.floor((within * 0.4) / drawn.deeds.length))) };
  });
}

type Drawn = Pick<Life, 'deeds' | 'end'>;

function employee(random: Random): Drawn {
  const deeds: Deed[] = [];
  let version = 0;
  let department = random.pick(departments);
  let asserted = false;
  const record = (status: 'ACTIVE' | 'ENDED'): void => {
    version += 1;
    deeds.push({ kind: 'record', version, department, userType: 'employee', status, isNews: true });
  };
  const login = (isLetIn: boolean): void => {
    const now = random.happens(0.5);
    deeds.push({ kind: 'login', department: random.pick(departments), asserted: now, contractEnds: null, isLetIn });
    if (isLetIn) asserted = now;
  };
  const again = (): void => {
    deeds.push({
      kind: 'record',
      version: random.whole(1, version),
      department: random.pick(departments),
      userType: 'employee',
      status: 'ACTIVE',
      isNews: false,
    });
  };

  record('ACTIVE');
  if (random.happens(0.4)) login(true);
  for (let moves = random.whole(0, 2); moves > 0; moves -= 1) {
    department = random.pick(departments);
    record('ACTIVE');
    if (random.happens(0.2)) again();
  }
  if (random.happens(0.2)) login(true);
  if (random.happens(0.6)) return { deeds, end: { state: 'active', department, asserted } };
  record('ENDED');
  if (random.happens(0.3)) again();
  if (random.happens(0.3)) login(false);
  if (random.happens(0.8)) return { deeds, end: { state: 'ended', accounts: 'disabled' } };
  department = random.pick(departments);
  record('ACTIVE');
  return { deeds, end: { state: 'active', department, asserted } };
}

function contractor(random: Random): Drawn {
  const first: Deed = { kind: 'login', department: random.pick(departments), asserted: random.happens(0.5), contractEnds: null, isLetIn: true };
  const kind = random.pick(['stays', 'runs-out', 'ended-by-hr'] as const);
  if (kind === 'runs-out') {
    return { deeds: [{ ...first, contractEnds: random.whole(...contractLasts) * 1000 }], end: { state: 'ended', accounts: 'absent' } };
  }
  const moved: Deed = { ...first, department: random.pick(departments), asserted: random.happens(0.5) };
  const deeds: Deed[] = [first, moved];
  if (kind === 'stays') return { deeds, end: { state: 'active', department: moved.department, asserted: moved.asserted } };
  deeds.push({ kind: 'record', version: 1, department: 'Elsewhere', userType: 'contractor', status: 'ENDED', isNews: true });
  return { deeds, end: { state: 'ended', accounts: 'absent' } };
}
