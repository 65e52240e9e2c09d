import { listen } from './listen.ts';

/** Notifications of committed changes to people's data, whichever process made them. */
export interface Changes {
  /**
   * Calls `changed` after a change to data of this identity (its state, grants, accounts, operations, sessions), or to the
   * service token with this id. Also once after the connection was lost and reopened, since changes may have been missed.
   * @returns a function that stops it
   */
  follow(id: string, changed: () => void): () => void;
  close(): Promise<void>;
}

/** Follows the database's changes over one connection, for any number of followers. */
export async function followChanges(url: string, lost: (error: Error) => void): Promise<Changes> {
  const followers = new Map<string, Set<() => void>>();
  const tell = (all: Iterable<() => void>): void => {
    for (const changed of [...all]) changed();
  };
  const heard = (id: string): void => {
    if (id === '') for (const all of [...followers.values()]) tell(all);
    else tell(followers.get(id) ?? []);
  };
  const listener = await listen(url, 'tenure_identity', heard, lost);
  return {
    follow(id, changed) {
      const all = followers.get(id) ?? new Set();
      followers.set(id, all.add(changed));
      return () => {
        all.delete(changed);
        if (all.size === 0 && followers.get(id) === all) followers.delete(id);
      };
    },
    close: () => listener.stop(),
  };
}
