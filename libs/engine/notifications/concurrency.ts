import { MAIL_CONNECTIONS } from '@tenure/mail';

/** Deliveries that one worker makes at the same time, by kind of receiver. */
export const concurrency = { mail: MAIL_CONNECTIONS, webhook: 8 } as const;
