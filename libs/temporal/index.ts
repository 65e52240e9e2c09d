export { livesQueue, targetQueue } from './queues.ts';
export { dueAtAttribute, identityAttribute, type Stage, searchAttributes, stageAttribute, triggerAttribute } from './search-attributes.ts';
