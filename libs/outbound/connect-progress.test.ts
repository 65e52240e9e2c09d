import { Socket } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { followConnect } from './connect-progress.ts';

const reset = Object.assign(new Error('gone'), { code: 'ECONNRESET' });
/** A socket on which the test emits the events, as on one whose other side never answers. */
function begun(): Socket {
  return Object.defineProperty(new Socket(), 'connecting', { value: true });
}

describe('how far a connection has come', () => {
  test('tells a time-out at the name, at the connection, at the handshake and at the answer apart', () => {
    const progress = followConnect();
    const socket = begun();
    progress.follow(socket, 'crm.example', true);
    expect(progress.timeOut()).toBe('DNS_TIMEOUT');
    socket.emit('lookup');
    expect(progress.timeOut()).toBe('CONNECT_TIMEOUT');
    socket.emit('connect');
    expect(progress.timeOut()).toBe('TLS_TIMEOUT');
    expect(progress.codeOf(reset)).toBe('TLS_CLOSED');
    socket.emit('secureConnect');
    expect(progress.timeOut()).toBe('ANSWER_TIMEOUT');
    expect(progress.codeOf(reset)).toBe('ECONNRESET');
  });

  test('an address needs no name server, and a connection without TLS no handshake', () => {
    const progress = followConnect();
    const socket = begun();
    progress.follow(socket, '192.0.2.1', false);
    expect(progress.timeOut()).toBe('CONNECT_TIMEOUT');
    socket.emit('connect');
    expect(progress.timeOut()).toBe('ANSWER_TIMEOUT');
  });

  test('a connection that is encrypted later is at its handshake, and only the newest one counts', () => {
    const progress = followConnect();
    const [old, upgraded] = [begun(), new Socket()];
    progress.follow(old, 'dir.example', false);
    progress.follow(upgraded, 'dir.example', true);
    old.emit('connect');
    expect(progress.timeOut()).toBe('TLS_TIMEOUT');
    upgraded.emit('secureConnect');
    expect(progress.timeOut()).toBe('ANSWER_TIMEOUT');
  });
});
