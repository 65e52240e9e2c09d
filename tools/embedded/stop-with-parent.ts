import { spawn } from 'node:child_process';

/**
 * Stops a server when this process ends without having done so itself, as with kill -9: a shell waits at a pipe that ends with it. Where there is no
 * shell, the next start stops what it finds.
 * @param pid of the server
 * @param signal that stops it cleanly
 * @returns ends the watch, once the server has ended
 */
export function stopWithParent(pid: number, signal: NodeJS.Signals): () => void {
  const watch = spawn('sh', ['-c', `read -r _; kill -s ${signal.replace('SIG', '')} ${pid}`], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  watch.on('error', () => undefined);
  watch.stdin.on('error', () => undefined);
  watch.unref();
  if ('unref' in watch.stdin && typeof watch.stdin.unref === 'function') watch.stdin.unref();
  return () => void watch.kill('SIGKILL');
}
