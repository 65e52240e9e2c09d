import type { ConnectionStep } from '@tenure/domain';

/** Failed step of an identity provider's test. The message contains nothing that the provider answered. */
export class ProviderFails extends Error {
  readonly step: ConnectionStep;
  readonly reason: string;
  constructor(step: ConnectionStep, reason: string, message: string) {
    super(message);
    this.step = step;
    this.reason = reason;
  }
}

/**
 * Text of an answer. @throws ProviderFails with the reason why there is none
 * @param what name of the answer: `metadata`
 * @param field the setting that names its address
 */
export async function textOf(answer: Response, what: string, field: string): Promise<string> {
  const { status } = answer;
  if (status >= 300 && status < 400)
    throw new ProviderFails(
      'answers',
      'REDIRECT',
      `instead of ${what} it answered with a redirect (HTTP ${status}): write the address where it really is in ${field}`,
    );
  if (status === 404) throw new ProviderFails('answers', 'HTTP_404', `there is no ${what} at its address (HTTP 404): check ${field}`);
  if (status !== 200) throw new ProviderFails('answers', `HTTP_${status}`, `instead of ${what} it answered HTTP ${status}: check ${field}, and that it works`);
  const text = await answer.text();
  if (/\bhtml\b/i.test(answer.headers.get('content-type') ?? '') || /^\s*<(!doctype html|html)\b/i.test(text))
    throw new ProviderFails('answers', 'HTML_PAGE', `instead of ${what} it answered with a web page: check ${field}`);
  return text;
}
