export { livesQueue, targetQueue, urgentQueue } from './queues.ts';
export { dueAtAttribute, identityAttribute, searchAttributes, stageAttribute, triggerAttribute } from './search-attributes.ts';
