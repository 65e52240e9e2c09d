import { LoginRefused } from '@tenure/domain';
import type { LoginLink } from '@tenure/store';
import { type Refusal, refuse } from './refusal.ts';

/** A login that was begun with a one-time link, and the link, used up; `null`: there is none that is valid. */
export interface BegunByLink {
  readonly provider: { readonly name: string };
  readonly linkId: string | null;
  readonly link: Pick<LoginLink, 'provider'> | null;
}

/** Refuses an invalid one-time link: it is valid once, for the provider that it was made for. */
export function linkIsGood({ provider, linkId, link }: BegunByLink): Refusal | null {
  if (linkId === null || link?.provider === provider.name) return null;
  return refuse(new LoginRefused('link-used', 'the one-time link was used before, or has expired'));
}
