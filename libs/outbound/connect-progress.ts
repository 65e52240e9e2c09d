import { isIP, type Socket } from 'node:net';
import { codeOf } from './code-of.ts';

/** Progress of the newest connection, so that the code of a time-out or an early end names the stage. */
export interface ConnectProgress {
  /** @param secure true if the socket does a TLS handshake, which `secureConnect` ends */
  follow(socket: Socket, host: string, secure: boolean): void;
  /** Returns the code for a time-out now. */
  timeOut(): string;
  /** Returns the code of an error, which depends on the stage. */
  codeOf(error: unknown): string;
}

type Stage = 'name' | 'connection' | 'handshake' | 'answer';

const timeOuts: Readonly<Record<Stage, string>> = {
  name: 'DNS_TIMEOUT',
  connection: 'CONNECT_TIMEOUT',
  handshake: 'TLS_TIMEOUT',
  answer: 'ANSWER_TIMEOUT',
};
const ends: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'unknown']);

export function followConnect(): ConnectProgress {
  let stage: Stage = 'answer';
  let newest: Socket | null = null;
  return {
    follow(socket, host, secure) {
      newest = socket;
      const reach = (reached: Stage) => (): void => {
        if (newest === socket) stage = reached;
      };
      stage = isIP(host) === 0 ? 'name' : 'connection';
      socket.once('lookup', reach('connection'));
      socket.once('connect', reach(secure ? 'handshake' : 'answer'));
      if (!secure) return;
      // An established connection is in the TLS handshake.
      if (!socket.connecting) stage = 'handshake';
      socket.once('secureConnect', reach('answer'));
    },
    timeOut: () => timeOuts[stage],
    codeOf(error) {
      const code = codeOf(error);
      return stage === 'handshake' && ends.has(code) ? 'TLS_CLOSED' : code;
    },
  };
}
