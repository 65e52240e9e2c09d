/** Authentication that an application demands (SAML core 3.3.2.2.1). */
export interface ContextDemand {
  /** Classes in the application's order of preference; at least one. */
  readonly classes: readonly string[];
  readonly comparison: 'exact' | 'minimum' | 'maximum' | 'better';
}

const CLASS = 'urn:oasis:names:tc:SAML:2.0:ac:classes:';
/** Class of an authentication about which nothing is known. */
export const UNSPECIFIED_CONTEXT = `${CLASS}unspecified`;

/**
 * Strength of classes that are in order among each other, the weakest first. SAML defines no order; what is not here is only comparable with itself.
 * Sources: SAML authentication context 3.4, REFEDS profiles, the class that Entra ID states after a second factor.
 */
const STRENGTH: ReadonlyMap<string, number> = new Map(
  [
    [UNSPECIFIED_CONTEXT],
    [`${CLASS}Password`, `${CLASS}InternetProtocolPassword`],
    [`${CLASS}PasswordProtectedTransport`, 'https://refeds.org/profile/sfa'],
    [
      `${CLASS}TimeSyncToken`,
      `${CLASS}MobileTwoFactorContract`,
      `${CLASS}MobileTwoFactorUnregistered`,
      `${CLASS}SmartcardPKI`,
      'https://refeds.org/profile/mfa',
      'http://schemas.microsoft.com/claims/multipleauthn',
    ],
  ].flatMap((classes, strength) => classes.map((name): [string, number] => [name, strength])),
);

/** True if the class that a source stated satisfies a demand; an order counts only between classes whose order is known. @param stated `null`: the source stated none */
export function satisfiesContext(stated: string | null, { classes, comparison }: ContextDemand): boolean {
  if (comparison !== 'better' && stated !== null && classes.includes(stated)) return true;
  // Demanding the unspecified class excludes nothing.
  if (comparison !== 'better' && comparison !== 'maximum' && classes.includes(UNSPECIFIED_CONTEXT)) return true;
  const own = STRENGTH.get(stated ?? '');
  const asked = classes.map((name) => STRENGTH.get(name));
  if (own === undefined || asked.some((strength) => strength === undefined)) return false;
  const strengths = asked as readonly number[];
  if (comparison === 'minimum') return own >= Math.min(...strengths);
  if (comparison === 'maximum') return own <= Math.max(...strengths);
  return comparison === 'better' && own > Math.max(...strengths);
}

/** Class that a statement names: the source's own; the unspecified one where it stated none, or where exactly that one is demanded. */
export function statedContext(stated: string | null, demand: ContextDemand | null): string {
  const isDemanded = stated === null || demand === null || demand.comparison !== 'exact' || demand.classes.includes(stated);
  return isDemanded ? (stated ?? UNSPECIFIED_CONTEXT) : UNSPECIFIED_CONTEXT;
}
