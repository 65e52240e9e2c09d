import type { Identity } from './facts.ts';

/** Display name of a person: `displayName`, else given and family name, else the user name. */
export function displayName({ attributes, userName }: Pick<Identity, 'attributes' | 'userName'>): string {
  const text = (name: string): string => {
    const value = Object.hasOwn(attributes, name) ? attributes[name]?.value : undefined;
    return typeof value === 'string' ? value : '';
  };
  return text('displayName') || `${text('givenName')} ${text('familyName')}`.trim() || userName;
}
