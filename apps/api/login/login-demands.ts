import type { Instant, LoginDemands } from '@tenure/domain';
import { LoginRefused } from '@tenure/domain';

/** Demands of an application on a login, as its address states them, and the name of the person as far as it is known. */
export interface WantedLogin {
  /** `null`: the login was begun by the person alone. */
  readonly demands: LoginDemands | null;
  /** `null`: not known. */
  readonly hint: string | null;
}

/** Longest list of authentication contexts, in characters. */
const longestAcr = 2_000;
/** An authentication context: a URI or a word. */
const context = /^[\x21-\x7e]{1,255}$/;

/**
 * Reads `force`, `passive`, `acr` (separated by spaces), `application` and `hint` of a query.
 * @throws LoginRefused `malformed` for authentication contexts that cannot be demanded: leaving them out would weaken the demand
 */
export function readWantedLogin(query: Readonly<Record<string, unknown>>, begunAt: Instant): WantedLogin {
  const text = (name: string): string | null => (typeof query[name] === 'string' && query[name] !== '' ? query[name] : null);
  const [force, passive] = [query['force'] === 'true', query['passive'] === 'true'];
  const acr = (text('acr') ?? '').split(' ').filter((one) => one !== '');
  const isReadable = (query['acr'] === undefined || typeof query['acr'] === 'string') && acr.join(' ').length <= longestAcr;
  if (!isReadable || !acr.every((one) => context.test(one))) throw new LoginRefused('malformed', 'the demanded authentication contexts cannot be read');
  const name = text('application');
  const application = name !== null && /^[\w.-]{1,100}$/.test(name) ? name : null;
  const hint = text('hint');
  return {
    demands: force || passive || acr.length > 0 || application !== null ? { begunAt, force, passive, acr, application } : null,
    hint: hint !== null && /^[^\p{C}]{1,320}$/u.test(hint) ? hint : null,
  };
}
