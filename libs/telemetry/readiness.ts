/** Results of the readiness checks by name: `ok`, or the problem in a few words. */
export type Readiness = Readonly<Record<string, string>>;

/** Checks one dependency. @returns `ok`, or the problem. A thrown error means that it does not answer */
export type ReadinessCheck = () => Promise<string>;

/** Timeout of a check in milliseconds: a probe that waits longer is of no use. */
const patience = 3000;

/** Runs all checks concurrently. @param onError receives thrown errors; the result itself quotes no error */
export async function readinessOf(checks: Readonly<Record<string, ReadinessCheck>>, onError: (name: string, error: unknown) => void): Promise<Readiness> {
  const entries = Object.entries(checks).map(async ([name, check]) => {
    const state = await within(check).catch((error: unknown) => {
      onError(name, error);
      return 'does not answer';
    });
    return [name, state] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

export function isReady(readiness: Readiness): boolean {
  return Object.values(readiness).every((state) => state === 'ok');
}

async function within(check: ReadinessCheck): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${patience} ms`)), patience);
  });
  try {
    return await Promise.race([check(), late]);
  } finally {
    clearTimeout(timer);
  }
}
