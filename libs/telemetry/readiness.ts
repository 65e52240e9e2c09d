/** What readiness rests on, by name: each `ok`, or what is wrong with it in a few words. */
export type Readiness = Readonly<Record<string, string>>;

/** Looks at one thing. @returns `ok`, or what is wrong. Throwing means that it does not answer */
export type ReadinessCheck = () => Promise<string>;

/** Milliseconds. A probe that waits longer is no help. */
const patience = 3000;

/** Looks at everything side by side. @param onError told of what was thrown; the answer itself quotes no error */
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
