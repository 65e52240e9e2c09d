// Loaded with --import into processes that must not outlive the one that started them, even when that is killed with kill -9:
// it holds their standard input, which then ends.
process.stdin.resume();
process.stdin.unref();
for (const event of ['end', 'error', 'close']) process.stdin.once(event, () => process.kill(process.pid, 'SIGTERM'));
