import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

/** Search attributes by which operators find identity lifecycles in the Temporal UI. Never encrypted there, so ids and states only. */
export const identityAttribute = defineSearchAttributeKey('TenureIdentity', SearchAttributeType.KEYWORD);
export const stageAttribute = defineSearchAttributeKey('TenureStage', SearchAttributeType.KEYWORD);
export const triggerAttribute = defineSearchAttributeKey('TenureTrigger', SearchAttributeType.KEYWORD);
export const dueAtAttribute = defineSearchAttributeKey('TenureDueAt', SearchAttributeType.DATETIME);

/** Name to type, as a server registers them. */
export const searchAttributes = { TenureIdentity: 'Keyword', TenureStage: 'Keyword', TenureTrigger: 'Keyword', TenureDueAt: 'Datetime' } as const;
