import { describe, expect, it } from '@jest/globals';
import type { LeaverCertificate } from '@tenure/engine/leavers';
import { certificatePdf } from './certificate-pdf.ts';
import { printable } from './printable.ts';

const certificate: LeaverCertificate = {
  kind: 'tenure-leaver-certificate/1',
  issuer: 'http://localhost:4000',
  issuedAt: '2026-03-01T12:00:00.000Z',
  identityId: '302d4709-0000-4000-8000-000000000000',
  userName: 'lukasz',
  otherUserNames: [],
  mergedInto: null,
  displayName: 'Łukasz Żółć',
  state: 'leaving',
  endedAt: '2026-03-01T11:00:00.000Z',
  why: 'ended',
  policyVersion: 1,
  sessionsEnded: 0,
  isComplete: true,
  targets: [],
  applicationSessions: [],
  reconciliation: [],
};

/** Text that copying from the PDF gives: the letters behind each font's glyphs, in the order in which they are drawn. */
function textOf(pdf: string): string {
  const lettersOf = (font: string): readonly string[] => {
    const [, file] = new RegExp(`/${font} (\\d+) 0 R`).exec(pdf) ?? [];
    const [, map] = new RegExp(`\\n${file} 0 obj\\n[\\s\\S]*?/ToUnicode (\\d+) 0 R`).exec(pdf) ?? [];
    const [, letters = ''] = new RegExp(`\\n${map} 0 obj\\n[\\s\\S]*?beginbfrange[^[]*\\[([^\\]]*)`).exec(pdf) ?? [];
    return [...letters.matchAll(/<([^>]*)>/g)].map(([, hex = '']) => String.fromCodePoint(...hex.split(' ').map((one) => Number.parseInt(one, 16))));
  };
  const fonts = new Map<string, readonly string[]>();
  let font = '';
  return [...pdf.matchAll(/\/(F\d+) [\d.]+ Tf|<([0-9a-f]+)> -?[\d.]+/g)]
    .map(([, name, glyphs]) => {
      if (name !== undefined) {
        font = name;
        if (!fonts.has(font)) fonts.set(font, lettersOf(font));
      }
      return (glyphs?.match(/.{4}/g) ?? []).map((glyph) => fonts.get(font)?.[Number.parseInt(glyph, 16)] ?? '�').join('');
    })
    .join('');
}

describe("a leaver's certificate on paper", () => {
  it.each([
    ['Łukasz Żółć', 'Łukasz Żółć'],
    ['Łukasz Żółć'.normalize('NFD'), 'Łukasz Żółć'],
    ['Ελένη Δημητρίου, Юлія Їжак, Nguyễn Thị Ánh', 'Ελένη Δημητρίου, Юлія Їжак, Nguyễn Thị Ánh'],
    ['山田 Taro', '[U+5C71 U+7530] Taro'],
    ['evil\u202egro.exe', 'evil[U+202E]gro.exe'],
    ['a\nb', 'a[U+000A]b'],
  ])('shows %s as %s', (name, shown) => expect(printable(name)).toBe(shown));

  it('has the letters of names in it', async () => {
    const text = textOf((await certificatePdf({ ...certificate, displayName: 'Łukasz Żółć 山田' }, 'jws', 'kid')).toString('latin1'));
    expect(text).toContain('Person: Łukasz Żółć [U+5C71 U+7530] (lukasz)');
    expect(text).toContain('are written as their numbers in Unicode');
  });

  it('says of each session at an application how its end was confirmed, or until when it may be open', async () => {
    const session = { application: 'wiki', identityId: certificate.identityId, beganAt: 'before', endedAt: 'then', protocol: 'oidc' } as const;
    const applicationSessions = [
      { ...session, id: 'a', title: 'Wiki', outcome: 'confirmed', confirmedAt: 'at once', code: 'HTTP_200', openUntil: null },
      { ...session, id: 'b', title: 'Library', outcome: 'no-channel', confirmedAt: null, code: 'NO_SOAP_LOGOUT', openUntil: 'in an hour' },
    ] as const;
    const text = textOf((await certificatePdf({ ...certificate, applicationSessions }, 'jws', 'kid')).toString('latin1'));
    expect(text).toContain('Wiki: ended then; confirmed by the application at once (HTTP_200) (a)');
    expect(text).toContain(
      'Library: ended then; CANNOT BE NOTIFIED: the application offers no logout without the browser (NO_SOAP_LOGOUT); A SESSION THERE MAY BE OPEN UNTIL in an hour (b)',
    );
  });

  it('says what reconciliation found in each target, and where nothing was read', async () => {
    const finding = {
      id: 'f',
      kind: 'leaver-account',
      name: '',
      nativeId: '7',
      userName: 'old.lukasz',
      enabled: true,
      isUrgent: true,
      lastSeenAt: 'then',
    } as const;
    const run = { id: 'r', startedAt: 'later', verdict: 'partial', accounts: 12, provesAbsence: false } as const;
    const reconciliation = [
      { target: 'crm', title: 'CRM', mode: 'enforce', run, findings: [finding] },
      { target: 'erp', title: 'ERP', mode: 'observe', run: null, findings: [] },
    ] as const;
    const text = textOf((await certificatePdf({ ...certificate, reconciliation }, 'jws', 'kid')).toString('latin1'));
    expect(text).toContain('CRM: read at later, 12 accounts, partial: WHAT IT DID NOT SHOW MAY BE THERE');
    expect(text).toContain('leaver-account: old.lukasz, 7, ENABLED');
    expect(text).toContain('ERP: NOT READ since the end; nothing is written there');
  });
});
