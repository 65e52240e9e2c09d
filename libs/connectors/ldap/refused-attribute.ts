import type { ConnectorRefused } from '@tenure/domain';
import type { ResultCodeError } from 'ldapts';
import { type Failures, ofTarget } from '../failures.ts';
import { resultCode } from './failures.ts';

type Explanation = readonly [wrong: string, remedy: string | null];

/** Error texts for a refused attribute, with the remedy, by result code (RFC 4511 appendix A.2). */
const explanations: Readonly<Record<number, (attribute: string, setting: string) => Explanation>> = {
  16: (attribute) => [`it has no such value of ${attribute} to take away`, null],
  17: (attribute, setting) => [`it does not know the attribute ${attribute}`, `take it out of ${setting}, or add it to the schema there`],
  19: (attribute) => [`a rule there forbids this value of ${attribute}`, 'change the fact that it is made from, or the rule'],
  20: (attribute) => [`it does not take the value of ${attribute} beside the others`, 'the attribute may have one value only'],
  21: (attribute, setting) => [`the value of ${attribute} does not have the form that it has to have there`, `change the fact or the expression in ${setting}`],
  50: (attribute) => [`the bind DN has no right to write ${attribute}`, 'give it that right'],
  53: (attribute) => [`it is not willing to write ${attribute}`, 'its own log says why'],
  64: (attribute, setting) => [`${attribute} names the entry`, `take it out of ${setting}`],
  65: (attribute, setting) => [
    `its schema does not allow the entry, because of ${attribute}`,
    `if the attribute is not allowed, take it out of ${setting}; if it is demanded, see that it has a value`,
  ],
  67: (attribute, setting) => [`${attribute} names the entry`, `take it out of ${setting}`],
};

/** Result codes about the attribute or the place, for any value: undefined attribute, insufficient rights, unwilling, naming violation. */
const whateverTheValue: ReadonlySet<number> = new Set([17, 50, 53, 64, 67]);

/** Attribute or entry that the directory refused. */
export interface Refused {
  /** Name of the attribute; `null`: the directory does not name it. */
  readonly name: string | null;
  /** Setting in tenure.yaml that maps it. */
  readonly setting: string;
  /** True if another entry has the value, which must be unique. */
  readonly isTaken: boolean;
}

/** Error for a refused attribute: `details.attribute` names it, and `details.reason` is `uniqueness` for a value of another entry. */
export function refusedAttribute(failures: Failures, error: ResultCodeError, refused: Refused): ConnectorRefused {
  const { name, isTaken } = refused;
  const details = {
    resultCode: String(error.code),
    ...(name === null ? {} : { attribute: name }),
    ...(isTaken ? { reason: 'uniqueness' } : {}),
    ...(whateverTheValue.has(error.code) ? ofTarget : {}),
  };
  const [wrong, remedy] = explained(error.code, refused);
  return failures.refused(`${wrong} (result code ${error.code})${remedy === null ? '' : `: ${remedy}`}`, details, { cause: error });
}

function explained(code: number, { name, setting, isTaken }: Refused): Explanation {
  if (isTaken) return [`another entry has the value of ${name ?? 'an attribute'} already, which has to be unique there`, 'change one of the two'];
  if (name !== null) return explanations[code]?.(name, setting) ?? [`it refused ${name}`, null];
  if (code === resultCode.insufficientAccessRights) return ['the bind DN has no right to create entries in this place', 'give it that right below createBelow'];
  return ['it refused the entry and does not say for which attribute', 'its own log may say why'];
}

/**
 * The sent attribute that the directory's text names. Only sent names are searched for: the text itself may quote a person's data.
 * @returns `null` when it names none
 */
export function namedAttribute({ message }: Error, sent: readonly string[]): string | null {
  const found = sent
    .map((name) => ({ name, at: placeOf(message, name) }))
    .filter(({ at }) => at >= 0)
    .sort((one, other) => one.at - other.at || other.name.length - one.name.length);
  return found[0]?.name ?? null;
}

/** Position of a name in texts of OpenLDAP (`mail: value #0`, `attribute 'mail'`, `on mail`), 389 (`"mail"`), and Active Directory (`(mail):len`). */
function placeOf(text: string, name: string): number {
  const literal = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  // super-linear: no, an attribute's name without a quantifier
  return text.search(new RegExp(`(?:^|: )${literal}:|['"(]${literal}['")]|\\b(?:on|attribute) ${literal}(?![\\w;-])`, 'i'));
}

/** True if the diagnostic text reports a value that is not unique, like the uniqueness checks of OpenLDAP and 389 Directory Server. */
export function saysTaken(error: ResultCodeError): boolean {
  return error.code === resultCode.constraintViolation && /\bunique\b|same attribute value already exists/i.test(error.message);
}
