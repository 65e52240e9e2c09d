import { chromium } from 'playwright-core';
import { createTestApi } from './test/api.ts';
const api = await createTestApi();
await api.app.getHttpAdapter().getInstance().listen({ port: 4000, host: '127.0.0.1' });
const { identityId } = await api.record({ externalId: 'ann', facts: { displayName: 'Ann Example', employeeNumber: 'ann', department: 'Finance', endDate: '2026-06-30T22:00:00.000Z' } });
const { token } = await api.store.transaction({ actor: { kind: 'system', id: 't' }, correlationId: 't', now: api.now }, (tx) => tx.sessions.open(identityId ?? '', 'partner', api.now, '2026-03-02T12:00:00.000Z'));
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-dev-shm-usage'] });
for (const scheme of ['light', 'dark'] as const) {
  const context = await browser.newContext({ colorScheme: scheme, viewport: { width: 1000, height: 640 } });
  const page = await context.newPage();
  page.on('console', (m) => console.log('console', m.text()));
  await page.goto('http://localhost:4000/me');
  await context.addCookies([{ name: 'tenure_session', value: token, url: 'http://localhost:4000' }]);
  await page.goto('http://localhost:4000/me');
  await page.screenshot({ path: `/tmp/e-run/${scheme}.png` });
  if (scheme === 'light') {
    await api.database.execute('update account set confirmed_at = ?', [api.now]);
    await page.locator('text=Everything that you hold is ready.').waitFor({ timeout: 8000 });
    await page.screenshot({ path: '/tmp/e-run/ready.png' });
  } else {
    await page.setViewportSize({ width: 380, height: 700 });
    await page.screenshot({ path: '/tmp/e-run/small.png' });
    await page.locator('button').click();
    await page.locator('text=Contoso').waitFor();
    console.log(await page.locator('h1').textContent());
  }
}
await browser.close();
await api.stop();
process.exit(0);
