export { livesQueue, targetQueue, urgentQueue } from './queues.ts';
export { dueAtAttribute, identityAttribute, type Stage, searchAttributes, stageAttribute, triggerAttribute } from './search-attributes.ts';
