import type { Stage } from './stage.ts';
import { duration } from './tell.ts';

/** Shows the processes and people of the stage, before the story begins. */
export function tellStage({ narrator, tenure, processes }: Stage, took: number): void {
  narrator.line(`Everything runs after ${duration(took)}. Each of these is a process of its own:\n`);
  narrator.table('Around', [
    ['Contoso', 'a SAML identity provider', processes.samlUrl],
    ['Fabrikam', 'an OpenID provider', processes.oidcUrl],
    ...processes.targets.map(({ title, kind, address }) => [title, kind, address]),
    ['Mailbox', 'a mail server, with a page', processes.mailbox.url],
  ]);
  narrator.table('Tenure', [
    ['API', 'GraphQL, logins, the page /me', tenure.url],
    ['Temporal', 'the workflows, with a UI', tenure.temporalUiUrl ?? tenure.temporalAddress],
    ['PostgreSQL', 'facts, grants, accounts, audit', new URL(tenure.databaseUrl).host],
  ]);
  if (processes.targets.every(({ name }) => name !== 'directory')) {
    narrator.say('', "OpenLDAP's slapd is not installed here: the story goes on with two targets. With it (Debian: apt-get install slapd) there are three.");
  }
}

/** Shows the addresses that can be visited while everything continues to run. */
export function tellAddresses({ narrator, tenure, processes }: Stage, played: 'story' | 'chapters'): void {
  narrator.step('', 'Everything goes on running: look around, and end it with Ctrl-C');
  const byOpenId = `${tenure.url}/oidc/company-oidc/login?returnTo=/me`;
  if (played === 'story')
    narrator.table('Log in', [
      ['By SAML', `${tenure.url}/saml/partner-saml/login?returnTo=/me`, 'pick bruno.weber: he is refused'],
      ['By OpenID', byOpenId, 'pick olga.petrova'],
    ]);
  else narrator.table('Log in', [['By OpenID', byOpenId, 'pick whom you like: everybody who has logged in is there']]);
  narrator.table('See', [
    ['Temporal UI', tenure.temporalUiUrl ?? tenure.temporalAddress],
    ...processes.targets.map(({ title, address }) => [title, address]),
    ['Mailbox', processes.mailbox.url],
    ['GraphQL', `${tenure.url}/graphql`],
  ]);
  const asks = 'asks GraphQL for all that Tenure knows of';
  const one = played === 'story' ? `sh .tenure/demo/olga.petrova.sh ${asks} Olga` : `Each of .tenure/demo/*.sh ${asks} a person`;
  narrator.say('Ask', `${one}; the file contains the query and a token for others like it.`);
}
