import { Field, ID, InputType, Int, ObjectType } from '@nestjs/graphql';
import { connectionType } from '../connection.ts';
import { InstantScalar } from '../scalars.ts';
import { ReconciliationReasonEnum, ReconciliationTriggerEnum, ReconciliationVerdictEnum } from './reconciliation.enums.ts';

@ObjectType('ReconciliationRun', {
  description:
    'Run that reads all accounts of a target and compares them with what Tenure knows. It changes nothing in the target. For administrators, operators and auditors.',
})
export class ReconciliationRunType {
  @Field(() => ID, { description: 'Id of the run.' })
  id!: string;
  @Field(() => String, { description: 'Name of the target.' })
  target!: string;
  @Field(() => ReconciliationTriggerEnum, { description: 'Trigger of the run.' })
  trigger!: string;
  @Field(() => String, { nullable: true, description: 'Reason of the request; null: nobody requested the run.' })
  reason!: string | null;
  @Field(() => Boolean, { description: 'True: the run is not compared with the size of the last complete run.' })
  expectsFewer!: boolean;
  @Field(() => InstantScalar, { description: 'Time at which the run was requested or scheduled.' })
  requestedAt!: string;
  @Field(() => InstantScalar, { nullable: true, description: 'Time at which a worker began; null: it waits for a worker.' })
  startedAt!: string | null;
  @Field(() => InstantScalar, { nullable: true, description: 'Time at which the last page was read; null: not yet, or never.' })
  readAt!: string | null;
  @Field(() => InstantScalar, { nullable: true, description: 'Time at which the run was finished; null: it is not.' })
  finishedAt!: string | null;
  @Field(() => Int, { description: 'Number of pages that were read.' })
  pages!: number;
  @Field(() => Int, { description: 'Number of different accounts that were read.' })
  accounts!: number;
  @Field(() => Int, { description: 'Number of accounts that were listed more than once.' })
  repeated!: number;
  @Field(() => Int, { name: 'announcedTotal', nullable: true, description: 'Number of accounts that the target announced; null: it announces none.' })
  total!: number | null;
  @Field(() => ReconciliationVerdictEnum, { nullable: true, description: 'Verdict on what was read; null: the run is not finished.' })
  verdict!: string | null;
  @Field(() => [ReconciliationReasonEnum], { description: 'Reasons why the run is not complete, the gravest first; empty: it is complete, or not finished.' })
  reasons!: readonly string[];
  @Field(() => InstantScalar, { nullable: true, description: 'End of the quiet hours before which it does not begin; null: it does not wait for them.' })
  waitsUntil!: string | null;
  @Field(() => [String], { description: 'Canaries that were not listed: user names under reconciliation.canaries, and ids of accounts in Tenure.' })
  missingCanaries!: readonly string[];
  @Field(() => Int, { nullable: true, description: 'Number of findings that the run showed; null: the run is not finished.' })
  found!: number | null;
  @Field(() => Int, { nullable: true, description: 'Number of new findings; null: the run is not finished.' })
  opened!: number | null;
  @Field(() => Int, { nullable: true, description: 'Number of findings that the run closed; null: the run is not finished.' })
  closed!: number | null;
  @Field(() => Int, { nullable: true, description: 'Number of differences that could not be proved; null: the run is not finished.' })
  unproven!: number | null;
}

export const ReconciliationRunConnection = connectionType('ReconciliationRun', 'reconciliation runs', () => ReconciliationRunType);

@InputType('ReconciliationRunFilter', { description: 'Conditions for reconciliation runs; all of them apply.' })
export class ReconciliationRunFilter {
  @Field(() => String, { nullable: true, description: 'Name of the target. Absent: all targets.' })
  target?: string | null;
  @Field(() => ReconciliationVerdictEnum, { nullable: true, description: 'Verdict. Absent: any, and runs that are not finished.' })
  verdict?: string | null;
}
