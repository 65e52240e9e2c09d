export { type JudgedRecord, correctRecord, withdrawRecord } from './correct-record.ts';
export { type RecordDecision, decideRecord } from './decide-record.ts';
export { type FinishedImport, finishImport } from './finish-import.ts';
export { type NamedPerson, findNamed } from './named-person.ts';
export { receiveRecords } from './receive-records.ts';
export { keyAttributes, settingsOfSource } from './settings-of-source.ts';
export { stageRecords } from './stage-records.ts';
export { type IncomingRecord, type TakenRecord, wake } from './take-record.ts';
