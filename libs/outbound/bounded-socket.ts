import type { Socket } from 'node:net';

/** Most bytes that one call may read. A page of a hundred accounts is well below a tenth of it. */
export const answerLimit = 16 * 1024 * 1024;

/**
 * Watches the bytes that a socket reads and closes it past a limit, for client libraries that collect an answer of any size in
 * memory. It reads the socket's own counter, so it takes no data from the library.
 * @returns function that ends the watch and returns true if the socket was closed
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
