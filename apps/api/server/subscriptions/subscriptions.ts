import { RateLimited } from '@tenure/domain';

/** Limits of subscriptions in one process: their number, and the number that look at once. */
export const subscriptionLimits = { ofSocket: 100, ofCaller: 300, inAll: 3_000, looksAtOnce: 8 } as const;
export type SubscriptionLimits = { readonly [Name in keyof typeof subscriptionLimits]: number };

/** Subscriptions of one WebSocket: their limits and shared queries. */
export interface SocketSubscriptions {
  /**
   * Takes a place for one more.
   * @returns gives it back; giving it back again does nothing
   * @throws RateLimited when the socket, its caller or the process has as many as it may
   */
  enter(): () => void;
  /**
   * Runs a query, when it is this socket's turn. The same query on this socket before that gets the same answer.
   * @param question key of the query
   */
  ask<T>(question: string, look: () => Promise<T>): Promise<T>;
  /** Gives back every place. */
  leave(): void;
}

/** All subscriptions of a process. */
export interface Subscriptions {
  /** @param callerId whose socket it is */
  ofSocket(callerId: string): SocketSubscriptions;
}

/** @param limits instead of the usual ones, for tests */
export function createSubscriptions(limits: SubscriptionLimits = subscriptionLimits): Subscriptions {
  const ofCallers = new Map<string, number>();
  let inAll = 0;
  const queue: (() => Promise<void>)[] = [];
  let looking = 0;

  const next = (): void => {
    if (looking >= limits.looksAtOnce) return;
    const run = queue.shift();
    if (run === undefined) return;
    looking += 1;
    void run().finally(() => {
      looking -= 1;
      next();
    });
  };

  return {
    ofSocket(callerId) {
      const places = new Set<symbol>();
      const waiting = new Map<string, Promise<unknown>>();
      const giveBack = (place: symbol): void => {
        if (!places.delete(place)) return;
        inAll -= 1;
        const left = (ofCallers.get(callerId) ?? 1) - 1;
        if (left === 0) ofCallers.delete(callerId);
        else ofCallers.set(callerId, left);
      };
      return {
        enter() {
          const ofCaller = ofCallers.get(callerId) ?? 0;
          if (places.size >= limits.ofSocket) throw new RateLimited(`This connection has ${limits.ofSocket} subscriptions, the maximum: end one of them.`);
          if (ofCaller >= limits.ofCaller) throw new RateLimited(`You have ${limits.ofCaller} subscriptions, the maximum: end one of them.`);
          if (inAll >= limits.inAll) throw new RateLimited('This process has the maximum number of subscriptions: try again later.');
          const place = Symbol();
          places.add(place);
          inAll += 1;
          ofCallers.set(callerId, ofCaller + 1);
          return () => giveBack(place);
        },
        ask<T>(question: string, look: () => Promise<T>): Promise<T> {
          const same = waiting.get(question) as Promise<T> | undefined;
          if (same !== undefined) return same;
          const answer = new Promise<T>((resolve, reject) => {
            queue.push(() => {
              // From here on its result may be older than the next question.
              waiting.delete(question);
              return look().then(resolve, reject);
            });
          });
          waiting.set(question, answer);
          // Others that are notified of the same change ask before it begins.
          setImmediate(next);
          return answer;
        },
        leave() {
          for (const place of [...places]) giveBack(place);
        },
      };
    },
  };
}
