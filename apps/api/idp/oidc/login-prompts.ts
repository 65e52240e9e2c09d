import type { interactionPolicy as Policies } from 'oidc-provider';
import type { EnterByRequest } from './enter.ts';
import { ofUnknownAge } from './sessions-of-tenure.ts';

/** Name of the prompt that shows why somebody may not enter. */
export const ENTRY = 'entry';

/**
 * What has to be settled with the person before a request is answered: a login that satisfies it, then the entry. Nobody is asked for consent, since
 * the organisation has decided what its applications are told.
 */
export function loginPrompts({ base, Prompt, Check }: typeof Policies, enter: EnterByRequest): InstanceType<typeof Policies.Prompt>[] {
  const policy = base();
  const login = policy.get('login');
  login?.checks.add(
    new Check('acr_values', 'the session has none of the requested ACRs', 'login_required', (ctx) => {
      const wanted = listOf(ctx.oidc.params?.['acr_values']);
      // They are wishes (OpenID Connect Core section 3.1.2.1): a login that did not fulfil them is answered as it is.
      if (wanted.length === 0 || ctx.oidc.result?.login !== undefined || ctx.oidc.prompts.has('none')) return Check.NO_NEED_TO_PROMPT;
      return wanted.includes(ctx.oidc.acr ?? '') ? Check.NO_NEED_TO_PROMPT : Check.REQUEST_PROMPT;
    }),
  );
  login?.checks.add(
    new Check('unknown_age', 'the source did not state when the person was authenticated', 'login_required', (ctx) => {
      if (ctx.oidc.params?.['max_age'] === undefined || ctx.oidc.result?.login !== undefined) return Check.NO_NEED_TO_PROMPT;
      return ofUnknownAge.has(ctx.req) ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT;
    }),
  );
  policy.get('consent')?.checks.clear();
  policy.add(
    new Prompt(
      { name: ENTRY, requestable: false },
      new Check(
        'refused',
        'the person may not use this application',
        'access_denied',
        async (ctx) => {
          const refusal = await enter(ctx);
          if (refusal === null) return Check.NO_NEED_TO_PROMPT;
          refusals.set(ctx, refusal);
          return Check.REQUEST_PROMPT;
        },
        (ctx) => ({ reason: refusals.get(ctx) }),
      ),
    ),
  );
  return policy;
}

const refusals = new WeakMap<object, string>();

/** Values of a parameter that separates them by spaces. */
export function listOf(parameter: unknown): readonly string[] {
  return typeof parameter === 'string' ? parameter.split(' ').filter((value) => value !== '') : [];
}
