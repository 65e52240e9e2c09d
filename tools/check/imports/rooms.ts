/** Import rule of one room, which is an npm workspace: `@tenure/mail` is the room `mail`. */
export interface Room {
  /** Rooms that it may import, or one entry of a room such as `workflows/messages`; `types of activities`: with `import type` only. */
  readonly imports: readonly string[];
  /** Packages and modules of Node that it never imports; `node:` is all of Node, `@nestjs/` every package of that scope. */
  readonly never?: readonly string[];
  /** Reason of the rule, as a sentence. */
  readonly why: string;
  /** Sentence about where to import it from instead, or where the code belongs. */
  readonly instead: string;
  /** False: not part of the installed product, so it may import test helpers. */
  readonly isProduct?: false;
}

const web = ['@nestjs/', '@fastify/', 'fastify', 'graphql', 'mercurius'];
const orm = ['@mikro-orm/', 'kysely'];

/** Import rules by room. A room that is not here may import none and be imported by none. */
export const ROOMS: Readonly<Record<string, Room>> = {
  domain: {
    imports: [],
    never: ['node:', 'undici', 'pg', '@temporalio/', ...web, ...orm],
    why: 'The domain is pure: same input, same answer, with CEL, regular expressions and the calendar as its only packages.',
    instead: 'Pass it in as an argument (time is `now`), or move what needs it to libs/engine.',
  },
  config: {
    imports: ['domain'],
    never: ['undici', 'pg', '@temporalio/', ...web, ...orm],
    why: 'Configuration is read from files and the environment alone.',
    instead: 'Let whoever loads the configuration look elsewhere: libs/engine, or the app that starts.',
  },
  federation: {
    imports: ['domain'],
    never: ['node:http', 'node:https', 'node:net', 'node:tls', 'node:dgram', 'node:dns', 'undici', '@temporalio/', ...web, ...orm],
    why: 'Messages are parsed, verified and built without a network and without a clock.',
    instead: 'Fetch in the caller (@tenure/outbound) and pass the answer in.',
  },
  outbound: {
    imports: ['domain'],
    never: ['@temporalio/', ...web, ...orm],
    why: 'The guard of outgoing connections is used by rooms that know nothing of each other.',
    instead: 'Pass addresses and limits in as arguments.',
  },
  connectors: {
    imports: ['domain', 'outbound'],
    never: ['@temporalio/', ...web, ...orm],
    why: 'A connector speaks to one target and knows nothing of people, storage or retries.',
    instead: 'Pass it in with the settings of the target, or move what needs it to libs/engine/provision.',
  },
  mail: {
    imports: ['domain', 'outbound'],
    never: ['@temporalio/', ...web, ...orm],
    why: 'A mail is written from what it is given, and handed to one server.',
    instead: 'Pass it in with the view of the mail: @tenure/engine/notifications makes that.',
  },
  store: {
    imports: ['domain'],
    never: ['@temporalio/', 'undici', ...web],
    why: 'The store turns rows into domain values and back; it decides nothing.',
    instead: 'Move what decides to libs/engine, and pass the store what is to be written.',
  },
  telemetry: {
    imports: [],
    never: ['@temporalio/', ...web, ...orm],
    why: 'Whoever is measured calls telemetry, not the other way round.',
    instead: 'Take the value as an argument of the function that measures.',
  },
  engine: {
    imports: ['config', 'connectors', 'domain', 'mail', 'outbound', 'federation', 'store'],
    never: ['@temporalio/', ...web, ...orm, 'pino'],
    why: 'A use case runs inside a database transaction, whoever calls it: the API, an activity, a command.',
    instead: 'Take it as a function argument (as `alive`, `clock` and `meter` are), or move the code to activities, apps/worker or apps/api.',
  },
  activities: {
    imports: ['connectors', 'domain', 'engine', 'store'],
    never: ['@temporalio/client', '@temporalio/worker', '@temporalio/workflow', ...web, ...orm],
    why: 'Activities are what Temporal runs, and nothing else.',
    instead: 'Import the use case from @tenure/engine/<subject>, or move it there.',
  },
  workflows: {
    imports: ['types of activities', 'domain'],
    never: ['node:', '@temporalio/client', '@temporalio/worker', '@temporalio/activity', ...web, ...orm],
    why: "Workflows run in Temporal's sandbox and are replayed: they order steps, and do none.",
    instead: 'Call it as an activity; types come from @tenure/activities by `import type`.',
  },
  api: {
    imports: ['config', 'domain', 'engine', 'outbound', 'federation', 'store', 'telemetry', 'workflows/messages'],
    never: ['@temporalio/', ...orm],
    why: 'The API translates requests: it reaches targets and Temporal only through the database.',
    instead: 'Import the use case from @tenure/engine/<subject>; ids of workflows come from @tenure/workflows/messages.',
  },
  worker: {
    imports: ['activities', 'config', 'connectors', 'domain', 'engine', 'mail', 'store', 'telemetry', 'workflows'],
    never: [...web, ...orm],
    why: 'The worker runs activities, workflows and pollers; it serves nobody.',
    instead: 'Import what both need from @tenure/engine/<subject>.',
  },
  tools: {
    imports: ['api', 'config', 'domain', 'engine', 'store', 'telemetry', 'worker', 'workflows/search-attributes'],
    why: 'Commands work on the product and know nothing of what demonstrates or tests it.',
    instead: 'Move what both need to tools, and import it from there.',
  },
  testing: {
    imports: [],
    why: 'Identity providers, targets and browsers are strangers to the product, as the real ones are.',
    instead: 'Write it against the protocol, or keep it beside the test that needs the product.',
    isProduct: false,
  },
  demo: {
    imports: ['testing', 'tools'],
    why: 'The demo starts the product and talks to it from outside.',
    instead: 'Ask the running API, as anybody would.',
    isProduct: false,
  },
  simulations: {
    imports: ['connectors', 'domain', 'engine', 'mail', 'store', 'testing', 'tools', 'workflows'],
    why: 'Simulations let days pass, and parts die, for the real product.',
    instead: 'Use the built product from outside, the engine, or what is stored.',
    isProduct: false,
  },
  bench: {
    imports: ['config', 'connectors', 'domain', 'engine', 'federation', 'store', 'testing', 'tools', 'workflows'],
    why: 'The bench measures the product.',
    instead: 'Measure what the product offers.',
    isProduct: false,
  },
};
