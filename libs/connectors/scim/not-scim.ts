import type { ConnectorUnavailable } from '@tenure/domain';
import { isLoopbackHost } from '@tenure/outbound';
import type { Failures } from '../failures.ts';

/** Error for an answer that no SCIM service gives: something else is at the address, or a proxy in front of it. */
export function notScim(status: number, type: string, text: string, failures: Failures): ConnectorUnavailable {
  const address = `targets.${failures.target}.url`;
  const details = { status: String(status), step: 'answers' };
  if (status === 404) {
    const message = `its HTTP 404 is not an answer of SCIM: ${address} must be the address below which /Users lies`;
    return failures.unavailable(message, { ...details, reason: 'NO_SCIM_HERE' });
  }
  if (/\bhtml\b/i.test(type) || /^\s*</.test(text)) {
    const message = `it answered with a web page instead of SCIM: check ${address}, and whether a login page or proxy stands before it`;
    return failures.unavailable(message, { ...details, reason: 'HTML_PAGE' });
  }
  return failures.unavailable(`its answer is not JSON, or not all of it: check ${address} if that stays so`, { ...details, reason: 'NOT_JSON' });
}

/** Error for JSON that is not SCIM. @param what name of the JSON */
export function noScim(what: string, failures: Failures, details: Readonly<Record<string, string>> = {}): ConnectorUnavailable {
  const message = `${what}: targets.${failures.target}.url must be the address below which /Users lies`;
  return failures.unavailable(message, { ...details, reason: 'NOT_SCIM', step: 'answers' });
}

/** Error for a redirect, with only a part of its address: the rest may contain a person's name or a secret. */
export function redirected(status: number, location: string | undefined, base: URL, failures: Failures): ConnectorUnavailable {
  const to = location === undefined ? null : URL.parse(location, base);
  const address = `targets.${failures.target}.url`;
  const [where, remedy] = placeOf(to, base, address);
  return failures.unavailable(`it answered with a redirect${where}, which is never followed (HTTP ${status}): ${remedy}`, {
    status: String(status),
    reason: 'REDIRECT',
    step: 'answers',
  });
}

function placeOf(to: URL | null, base: URL, address: string): readonly [where: string, remedy: string] {
  if (to === null) return ['', `check ${address}`];
  if (to.hostname !== base.hostname) {
    const where = isLoopbackHost(to.hostname) ? ' to the loopback address' : ` to another host, ${to.origin}`;
    return [where, `write the address of the service itself in ${address}, and check the token: this may be its login page`];
  }
  if (to.protocol !== base.protocol) return [` to ${to.protocol}//`, `write ${to.protocol}// in ${address}`];
  if (to.port !== base.port) return [' to another port', `write that port in ${address}`];
  return [' to another path', `check the path in ${address}`];
}
