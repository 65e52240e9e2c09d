import type { Socket } from 'node:net';

/** The most that one call may read, in bytes. A page of a hundred accounts is well below a tenth of it. */
export const answerLimit = 16 * 1024 * 1024;

/**
 * Watches what a socket reads and cuts it off past a limit, for client libraries that gather an answer of any size in
 * memory. It looks at the socket's own counter, so it takes no data away from the library.
 * @returns ends the watch; says whether the socket was cut off
 */
export function watchAnswer(socket: Socket, limit: number = answerLimit): () => boolean {
  const before = socket.bytesRead;
  let tooLarge = false;
  const timer = setInterval(() => {
    if (socket.bytesRead - before <= limit) return;
    tooLarge = true;
    socket.destroy();
  }, 20);
  timer.unref();
  return () => {
    clearInterval(timer);
    return tooLarge;
  };
}
