import { isMainThread } from 'node:worker_threads';

// Loaded with --import into processes that must not outlive the one that started them, even when that is killed with kill -9: it has the other end of
// their standard input, which then ends. Node loads it into their threads too, which have no such input.
/** Milliseconds for a shutdown in order. */
const patience = 15_000;

let isAsked = false;
function end(): void {
  if (isAsked) return;
  isAsked = true;
  setTimeout(() => process.exit(1), patience).unref();
  process.kill(process.pid, 'SIGTERM');
}

if (isMainThread) {
  process.stdin.resume();
  // A file or a terminal, where this was started by hand, cannot be let go of.
  if ('unref' in process.stdin) process.stdin.unref();
  for (const event of ['end', 'error', 'close']) process.stdin.once(event, end);
}
