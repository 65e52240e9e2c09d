import type { CertifiedReconciliation, CertifiedSession, CertifiedTarget, LeaverCertificate } from '@tenure/engine/leavers';
import { certificateFonts } from './certificate-fonts.ts';
import { printable } from './printable.ts';

/** Name of the attachment with the signed form. */
export const attachmentName = 'certificate.jws';

/** Certificate as a PDF. The signed form is attached to it; the page itself shows only the content of that. */
export async function certificatePdf(certificate: LeaverCertificate, jws: string, kid: string): Promise<Buffer> {
  // Loaded when the first certificate is written: ten megabytes that most processes never need.
  const { default: Document } = await import('pdfkit');
  const issued = new Date(certificate.issuedAt);
  const title = `Leaver's certificate ${certificate.identityId}`;
  const pdf = new Document({ size: 'A4', margin: 50, compress: false, lang: 'en', info: { Title: title, Creator: 'Tenure', CreationDate: issued } });
  const chunks: Buffer[] = [];
  const written = new Promise<Buffer>((resolve, reject) => {
    pdf.on('data', (chunk: Buffer) => chunks.push(chunk));
    pdf.on('end', () => resolve(Buffer.concat(chunks)));
    pdf.on('error', reject);
  });
  pdf.file(Buffer.from(jws, 'utf8'), {
    name: attachmentName,
    type: 'application/jose',
    description: 'The signed certificate',
    creationDate: issued,
    modifiedDate: issued,
  });
  const { plain, bold } = certificateFonts();
  pdf.registerFont('plain', plain).registerFont('bold', bold);
  pdf.font('bold').fontSize(18).text("Leaver's certificate").moveDown();
  lines(pdf, [
    ['Person', `${certificate.displayName} (${certificate.userName})`],
    ['Identity', certificate.identityId],
    ...certificate.otherUserNames.map(
      ({ userName, releasedAt }) => ['Also', releasedAt === null ? `${userName}, of a merged identity` : `${userName}, until ${releasedAt}`] as const,
    ),
    ...(certificate.mergedInto === null ? [] : [['Merged into', certificate.mergedInto] as const]),
    ['Ended', `${certificate.endedAt}: ${certificate.why}`],
    ['State', certificate.state],
    ['Sessions ended', String(certificate.sessionsEnded)],
    [
      'Complete',
      certificate.isComplete
        ? 'yes: every target is confirmed, reconciliation found no account that can be used, and no session at an application can be open'
        : 'no: see below',
    ],
    ['Issued', `${certificate.issuedAt} by ${certificate.issuer}`],
  ]);
  for (const target of certificate.targets) section(pdf, target);
  if (certificate.targets.length === 0) pdf.moveDown().font('plain').text('There never was an account in any target.');
  if (certificate.applicationSessions.length > 0) {
    pdf.moveDown().font('bold').fontSize(12).text('Sessions at applications');
    lines(
      pdf,
      certificate.applicationSessions.map((one) => [one.title, sessionLine(one)] as const),
    );
  }
  if (certificate.reconciliation.length > 0) {
    pdf.moveDown().font('bold').fontSize(12).text('Reconciliation');
    for (const one of certificate.reconciliation) lines(pdf, reconciliationLines(one));
  }
  pdf
    .moveDown(2)
    .font('plain')
    .fontSize(8)
    .text(`Signed with Ed25519, key ${kid}. The signed form is attached as ${attachmentName}; the public key is at ${certificate.issuer}/certificates/keys.`)
    .text('Letters that this font does not have are written as their numbers in Unicode; the signed form has them as they are.');
  pdf.end();
  return written;
}

function section(pdf: PDFKit.PDFDocument, target: CertifiedTarget): void {
  pdf.moveDown().font('bold').fontSize(12).text(printable(target.title));
  lines(pdf, [
    ['Desired', `${target.wanted}, since ${target.wantedSince}`],
    ['Outcome', outcomes[target.outcome]],
    ...(target.confirmedAt === null ? [] : [['Confirmed', target.confirmedAt] as const]),
    ...(target.lookAgainAt === null ? [] : [['Next observation', target.lookAgainAt] as const]),
    ...target.readings.map(({ id, at, found, entitlements, isAsWanted }) => {
      const held = entitlements.length > 0 ? `, with ${entitlements.join(', ')}` : '';
      return ['Observation', `${at}: ${found}${held}${isAsWanted ? '' : ', not as desired'} (${id})`] as const;
    }),
    ...target.observations
      .filter(({ verdict }) => verdict === 'NOT_VISIBLE')
      .map(({ aspect, name, evidence }) => ['Not visible', `${aspect}${name === '' ? '' : ` ${name}`}: ${evidence}`] as const),
    ...target.open.map(({ id, change, status, attempts, error }) => {
      return ['Not done', `${change}: ${status} after ${attempts} attempts${error === null ? '' : `, ${error}`} (${id})`] as const;
    }),
  ]);
}

function reconciliationLines({ title, mode, run, findings }: CertifiedReconciliation): readonly (readonly [string, string])[] {
  const observed = mode === 'observe' ? '; nothing is written there, since it is only observed' : '';
  const read =
    run === null
      ? 'NOT READ since the end'
      : `read at ${run.startedAt}, ${run.accounts} accounts, ${run.verdict}${run.provesAbsence ? '' : ': WHAT IT DID NOT SHOW MAY BE THERE'} (${run.id})`;
  return [
    ['Target', `${title}: ${read}${observed}`],
    ...(run !== null && findings.length === 0 ? [['Found', 'nothing of this person'] as const] : []),
    ...findings.map(({ id, kind, name, nativeId, userName, enabled, lastSeenAt }) => {
      const account = [userName, nativeId].filter((one) => one !== null).join(', ');
      const state = enabled === null ? '' : enabled ? ', ENABLED' : ', disabled';
      return ['Found', `${kind}${name === '' ? '' : ` ${name}`}${account === '' ? '' : `: ${account}`}${state}, seen at ${lastSeenAt} (${id})`] as const;
    }),
  ];
}

const outcomes: Readonly<Record<CertifiedTarget['outcome'], string>> = {
  'not-confirmed': 'NOT CONFIRMED',
  protected: 'PROTECTED: NOT CHANGED by Tenure (protectedAccounts), NOT CONFIRMED',
  'not-visible': 'carried out, NOT CONFIRMED: the target cannot show all of it',
  confirmed: 'confirmed by an observation',
  'confirmed-again': 'confirmed by an observation, and again by a later one',
};

function sessionLine({ id, endedAt, outcome, confirmedAt, code, openUntil }: CertifiedSession): string {
  const answer = code === null ? '' : ` (${code})`;
  const open = openUntil === null ? '' : `; A SESSION THERE MAY BE OPEN UNTIL ${openUntil}`;
  return `ended ${endedAt}; ${sessionOutcomes[outcome]}${confirmedAt === null ? '' : ` ${confirmedAt}`}${answer}${open} (${id})`;
}

const sessionOutcomes: Readonly<Record<CertifiedSession['outcome'], string>> = {
  waiting: 'NOT CONFIRMED yet',
  confirmed: 'confirmed by the application',
  'no-channel': 'CANNOT BE NOTIFIED: the application offers no logout without the browser',
  expired: 'over by itself before the application was reached',
  refused: 'REFUSED by the application',
  abandoned: 'NOT REACHED for a week, and abandoned',
};

function lines(pdf: PDFKit.PDFDocument, rows: readonly (readonly [string, string])[]): void {
  for (const [name, value] of rows) pdf.font('bold').fontSize(9).text(`${name}: `, { continued: true }).font('plain').text(printable(value));
}
