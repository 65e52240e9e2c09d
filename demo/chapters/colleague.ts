import { createBrowser, type Browser } from '@tenure/testing/browser.ts';
import { createGraphqlClient, type GraphqlClient } from '@tenure/testing/graphql-client.ts';
import { viewIdentity } from '../identity-view.ts';
import { must } from '@tenure/testing/must.ts';
import { type RecordedFacts, recordFacts } from '../record-facts.ts';
import type { Stage } from '../stage.ts';
import { isOwnPage, logIn, type SeenLogin } from '../story/log-in.ts';

/** Facts that human resources have about a person on the day of the hire. */
export interface ColleagueFacts {
  readonly givenName: string;
  readonly familyName: string;
  readonly employeeNumber: string;
  readonly department: string;
  readonly jobRole: string;
  /** Employee number of the manager. */
  readonly manager?: string;
  readonly employmentType?: string;
  /** Employee number of the sponsor of a contractor. */
  readonly sponsor?: string;
  readonly endDate?: string;
  readonly startDate?: string;
}

/** Change that human resources record; attributes that are left out stay as they were. */
export interface ColleagueChange {
  readonly status?: 'ACTIVE' | 'ENDED';
  readonly facts?: Readonly<Record<string, string | null>>;
}

/** A person whom human resources have hired. */
export interface Colleague {
  readonly identityId: string;
  readonly userName: string;
  /** Name by which their page greets them. */
  readonly name: string;
  readonly employeeNumber: string;
  /** Milliseconds that the hiring took human resources. */
  readonly took: number;
  /** Records a change by human resources. */
  record(change: ColleagueChange): Promise<RecordedFacts>;
  /** Opens /me by OpenID Connect in a new browser. @returns the page that they see */
  tryToLogIn(): Promise<SeenLogin & { readonly browser: Browser }>;
  /** GraphQL with the session of a browser in which they are logged in. */
  sessionOf(browser: Browser): GraphqlClient;
  /** Logs in, unless they are logged in already. @returns GraphQL with their own session */
  logIn(): Promise<GraphqlClient>;
}

/** Hires a person as human resources; people who are there already stay as they are. */
export async function hire(stage: Stage, facts: ColleagueFacts): Promise<Colleague> {
  const { givenName, familyName, employeeNumber } = facts;
  const name = `${givenName} ${familyName}`;
  const email = `${givenName}.${familyName}@fabrikam.example`.toLowerCase();
  let version = 1;
  let said: Readonly<Record<string, string | null>> = { displayName: name, email, ...facts };
  const record = ({ status = 'ACTIVE', facts: changed = {} }: ColleagueChange): Promise<RecordedFacts> => {
    said = { ...said, ...changed };
    return recordFacts(stage, { externalId: employeeNumber, version: String(version++), status, attributes: said });
  };
  const { identityId, took } = await record({});
  const { userName } = await viewIdentity(stage.reader, identityId);
  const tryToLogIn: Colleague['tryToLogIn'] = async () => {
    const attributes = { given_name: givenName, family_name: familyName, name, email, email_verified: true, employee_number: employeeNumber };
    await stage.addOidcPerson({ name: userName, subject: `fabrikam-${employeeNumber}`, attributes });
    const browser = createBrowser();
    return { browser, ...(await logIn(stage, browser, 'company-oidc', userName)) };
  };
  const sessionOf = (browser: Browser): GraphqlClient => {
    const { url } = stage.tenure;
    return createGraphqlClient({ url, token: browser.cookie(url, 'tenure_session') ?? '' });
  };
  const logInOnce = async (): Promise<GraphqlClient> => {
    const { page, browser } = await tryToLogIn();
    must(isOwnPage(page, name), `${name}'s login ended with HTTP ${page.status} at ${new URL(page.url).pathname}, not on a page of their own`);
    return sessionOf(browser);
  };
  let session: Promise<GraphqlClient> | null = null;
  return {
    identityId,
    userName,
    name,
    employeeNumber,
    took,
    record,
    tryToLogIn,
    sessionOf,
    logIn: () => (session ??= logInOnce()),
  };
}
