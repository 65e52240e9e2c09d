import { parentPort, workerData } from 'node:worker_threads';
import { ConfigurationInvalid, PolicyInvalid } from '@tenure/domain';
import { createAnswering } from './answer-job.ts';
import type { AccountsRead, FromThread, PageRead, ThreadData, ToThread } from './messages.ts';

// The thread in which previews are computed: the process keeps answering others, whatever the preview.
const { configuration } = workerData as ThreadData;
const waiting: { resolve(value: unknown): void; reject(error: Error): void }[] = [];
const say = (message: FromThread): void => parentPort?.postMessage(message);

/** Reads through the process, which has the database. Answers come in the order of the questions. */
function read<T>(message: FromThread): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    waiting.push({ resolve: resolve as (value: unknown) => void, reject });
    say(message);
  });
}

const answering = createAnswering(configuration, {
  page: (after, limit, matter) => read<PageRead>({ kind: 'page', after, limit, matter }),
  accounts: (identityIds) => read<AccountsRead>({ kind: 'accounts', identityIds }),
});

parentPort?.on('message', (message: ToThread) => {
  if (message.kind === 'read') waiting.shift()?.resolve(message.value);
  else if (message.kind === 'unread') waiting.shift()?.reject(new Error('the database could not be read'));
  else
    answering.answer(message.job).then(
      (answer) => say({ kind: 'done', answer }),
      (error: unknown) => {
        if (error instanceof ConfigurationInvalid || error instanceof PolicyInvalid) say({ kind: 'refused', message: error.message });
        else say({ kind: 'failed', error: error instanceof Error ? error : new Error(String(error)) });
      },
    );
});
say({ kind: 'ready' });
