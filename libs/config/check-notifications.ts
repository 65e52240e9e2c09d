import { didYouMean, isMailAddress } from '@tenure/domain';
import { brokenAddress } from './check-address.ts';
import type { RawMail, RawTenure, RawWebhook } from './raw-tenure.ts';
import type { LocatedProblem, Path } from './yaml-file.ts';

/** Bytes of a webhook's secret (Standard Webhooks, "Signature scheme"). */
const SECRET_LENGTH = { least: 24, most: 64 };

/** Checks addresses and secrets of mail and webhooks, which the JSON Schema cannot check. */
export function checkNotifications({ mail, webhooks, audit }: RawTenure): LocatedProblem[] {
  const { anchorTo } = audit ?? {};
  return [
    ...(mail === undefined ? [] : checkMail(['mail'], mail)),
    ...Object.entries(webhooks ?? {}).flatMap(([name, webhook]) => checkWebhook(['webhooks', name], webhook)),
    ...(anchorTo === undefined || Object.hasOwn(webhooks ?? {}, anchorTo)
      ? []
      : [{ path: ['audit', 'anchorTo'], message: `there is no webhook ${anchorTo}${didYouMean(anchorTo, Object.keys(webhooks ?? {}))}` }]),
  ];
}

function checkMail(path: Path, { url, password, from, replyTo }: RawMail): LocatedProblem[] {
  const server = URL.parse(url);
  const isServer = server !== null && ['smtp:', 'smtps:'].includes(server.protocol) && server.hostname !== '';
  const torn = broken([...path, 'url'], url);
  if (torn.length > 0) return torn;
  return [
    ...(isServer ? [] : [{ path: [...path, 'url'], message: 'must be an address that begins with smtp:// or smtps://' }]),
    ...(isServer && server.username !== '' && password === undefined
      ? [{ path: [...path, 'password'], at: 'parent' as const, message: 'is missing: the address names a user' }]
      : []),
    ...(isServer && server.username === '' && password !== undefined
      ? [{ path: [...path, 'url'], message: 'names no user for the password; write it like smtp://user@mail.example.com:587' }]
      : []),
    ...checkMailbox([...path, 'from'], from),
    ...(replyTo === undefined ? [] : checkMailbox([...path, 'replyTo'], replyTo)),
  ];
}

function broken(path: Path, url: string): LocatedProblem[] {
  const message = brokenAddress(url);
  return message === null ? [] : [{ path, message }];
}

function checkMailbox(path: Path, text: string): LocatedProblem[] {
  const named = /^([^<>"\r\n]*)<([^<>\s]+)>$/.exec(text);
  return isMailAddress(named?.[2] ?? text) ? [] : [{ path, message: 'must be one address, such as tenure@example.com or Tenure <tenure@example.com>' }];
}

function checkWebhook(path: Path, { url, secret }: RawWebhook): LocatedProblem[] {
  const address = URL.parse(url);
  const isLocal = address !== null && ['localhost', '127.0.0.1', '[::1]'].includes(address.hostname);
  const isSafe = address?.protocol === 'https:' || (address?.protocol === 'http:' && isLocal);
  return [
    ...(isSafe ? broken([...path, 'url'], url) : [{ path: [...path, 'url'], message: 'must be an https address (http only on this machine)' }]),
    ...(isSecret(secret)
      ? []
      : [
          {
            path: [...path, 'secret'],
            message: `must be whsec_ and ${SECRET_LENGTH.least} to ${SECRET_LENGTH.most} bytes in base64; make one with: openssl rand -base64 32`,
          },
        ]),
  ];
}

function isSecret(text: string): boolean {
  const encoded = /^(?:whsec_)?([A-Za-z0-9+/]+={0,2})$/.exec(text)?.[1];
  const { length } = Buffer.from(encoded ?? '', 'base64');
  return length >= SECRET_LENGTH.least && length <= SECRET_LENGTH.most;
}
