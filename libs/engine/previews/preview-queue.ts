import { Worker } from 'node:worker_threads';
import type { Configuration } from '@tenure/config';
import { InputInvalid, RateLimited } from '@tenure/domain';
import type { FromThread, PreviewAnswers, PreviewJob, ThreadData, ToThread } from './messages.ts';
import type { PeopleToAsk } from '../policy/policy-plan.ts';

/** Limits of one preview and of the queue of previews. */
export interface PreviewLimits {
  /** Milliseconds of its processor time. */
  readonly computing: number;
  /** Milliseconds from its beginning to its end. */
  readonly deadline: number;
  /** Megabytes of memory for the thread. */
  readonly memory: number;
  /** Maximum number of one caller, the one under way included. */
  readonly mostOfCaller: number;
  /** Maximum number of all callers. */
  readonly most: number;
}

/** Previews, one after the other, in a thread that is ended when one takes too much. */
export interface PreviewQueue {
  /**
   * @param caller does not get two turns in a row while another one waits
   * @throws RateLimited when too many wait, InputInvalid when it takes too much or its files are no policy
   */
  ask<K extends PreviewJob['kind']>(caller: string, job: PreviewJob & { readonly kind: K }): Promise<PreviewAnswers[K]>;
  close(): Promise<void>;
}

interface Waiting {
  readonly caller: string;
  readonly job: PreviewJob;
  resolve(answer: PreviewAnswers[keyof PreviewAnswers]): void;
  reject(error: Error): void;
}

/** Tests run the sources, all others the code built from them. */
const isBuilt = import.meta.filename.endsWith('.js');
/** Milliseconds between two looks at how much was computed. */
const lookEvery = 100;

export function createPreviewQueue(configuration: Configuration, people: PeopleToAsk, limits: PreviewLimits): PreviewQueue {
  const queue: Waiting[] = [];
  let current: Waiting | null = null;
  let lastCaller: string | null = null;
  let thread: Worker | null = null;
  /** Threads that have loaded their code: that is not the time of the preview that happens to be the first. */
  const ready = new WeakSet<Worker>();
  let isClosed = false;

  const start = (): Worker => {
    const workerData: ThreadData = { configuration };
    const worker = new Worker(new URL(`./preview-thread${isBuilt ? '.js' : '.ts'}`, import.meta.url), {
      workerData,
      // The environment has every secret; a preview needs none of them.
      env: {},
      execArgv: isBuilt ? [] : ['--import', new URL('../../../tools/load-typescript.js', import.meta.url).href],
      resourceLimits: { maxOldGenerationSizeMb: limits.memory },
    });
    worker.unref();
    // Between two jobs nobody else listens.
    worker.on('error', () => undefined).on('exit', () => (thread = thread === worker ? null : thread));
    return worker;
  };

  /** Runs one job to its end, however that comes. */
  const run = (worker: Worker, { job }: Waiting): Promise<PreviewAnswers[keyof PreviewAnswers]> =>
    new Promise((resolve, reject) => {
      const stop = (error: Error): void => {
        thread = null;
        void worker.terminate();
        end(() => reject(error));
      };
      let before: NodeJS.CpuUsage | null = null;
      let begun = performance.now();
      const look = async (): Promise<void> => {
        const used = ready.has(worker) ? await worker.cpuUsage() : null;
        if (before === null) before = used;
        const computed = used === null || before === null ? 0 : (used.user + used.system - before.user - before.system) / 1000;
        if (computed > limits.computing || performance.now() - begun > limits.deadline)
          stop(new InputInvalid(`the preview takes too long: ${limits.computing / 1000} s of computing at most, and ${limits.deadline / 1000} s in all`));
      };
      // A thread that has ended meanwhile cannot be read.
      const timer = setInterval(() => void look().catch(() => undefined), lookEvery);
      const end = (settle: () => void): void => {
        clearInterval(timer);
        worker.off('message', heard).off('error', broken).off('exit', gone);
        settle();
      };
      const heard = (message: FromThread): void => {
        if (message.kind === 'page') void reply(worker, people.page(message.after, message.limit, message.matter));
        else if (message.kind === 'accounts') void reply(worker, people.accounts(message.identityIds));
        else if (message.kind === 'done') end(() => resolve(message.answer));
        else if (message.kind === 'refused') end(() => reject(new InputInvalid(message.message)));
        else if (message.kind === 'failed') end(() => reject(message.error));
        else {
          ready.add(worker);
          begun = performance.now();
        }
      };
      const broken = (error: Error & { readonly code?: string }): void =>
        stop(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? new InputInvalid(`the preview takes too much memory: ${limits.memory} MB at most`) : error);
      const gone = (): void => stop(new Error('the thread of previews has ended'));
      worker.on('message', heard).on('error', broken).on('exit', gone);
      worker.postMessage({ kind: 'job', job } satisfies ToThread);
    });

  const reply = async (worker: Worker, reading: Promise<unknown>): Promise<void> => {
    const message: ToThread = await reading.then(
      (value) => ({ kind: 'read', value }),
      () => ({ kind: 'unread' }),
    );
    worker.postMessage(message);
  };

  const next = (): void => {
    if (current !== null || isClosed) return;
    const other = queue.findIndex(({ caller }) => caller !== lastCaller);
    const [one] = queue.splice(Math.max(other, 0), 1);
    if (one === undefined) return;
    current = one;
    lastCaller = one.caller;
    thread ??= start();
    run(thread, one)
      .then(one.resolve, one.reject)
      .finally(() => {
        current = null;
        next();
      });
  };

  return {
    ask: (caller, job) =>
      new Promise((resolve, reject) => {
        const waiting = current === null ? queue : [current, ...queue];
        const own = waiting.filter((one) => one.caller === caller).length;
        if (own >= limits.mostOfCaller) return reject(new RateLimited(`You have ${own} previews running, the maximum: wait for one of them.`));
        if (waiting.length >= limits.most) return reject(new RateLimited(`${waiting.length} previews are running, the maximum: try again later.`));
        queue.push({ caller, job, resolve: resolve as Waiting['resolve'], reject });
        next();
      }),
    async close() {
      isClosed = true;
      for (const { reject } of queue.splice(0)) reject(new RateLimited('The process is stopping: try again.'));
      await thread?.terminate();
    },
  };
}
