import { runAsProcess } from '../targets/run-as-process.ts';
import { startMailbox } from './mailbox.ts';

await runAsProcess(async () => {
  const { url, smtpUrl, stop } = await startMailbox();
  return { url: `${url} ${smtpUrl}`, stop };
});
