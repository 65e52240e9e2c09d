import { Field, ID, InputType, Int, ObjectType } from '@nestjs/graphql';
import { connectionType } from '../connection.ts';
import { InstantScalar } from '../scalars.ts';
import { QuarantineStateEnum } from './reconciliation.enums.ts';

@ObjectType({ description: 'Reason for which an account in quarantine needs a human decision.' })
export class QuarantineFailure {
  @Field(() => String, { description: 'Code of the reason, as docs/reconciliation.md lists them.' })
  code!: string;
  @Field(() => String, { description: 'Reason as a sentence, of Tenure or of the target.' })
  message!: string;
}

@ObjectType('QuarantinedAccount', {
  description:
    'Account of nobody that is disabled, without its memberships in groups of the policy, and deleted after a grace. For administrators, operators and auditors.',
})
export class QuarantinedAccountType {
  @Field(() => ID, { description: 'Id of the account in quarantine, for restoreAccount.' })
  id!: string;
  @Field(() => String, { description: 'Name of the target.' })
  target!: string;
  @Field(() => String, { description: 'Id of the account in the target.' })
  nativeId!: string;
  @Field(() => String, { description: 'User name of the account in the target.' })
  userName!: string;
  @Field(() => QuarantineStateEnum, { description: 'State of the quarantine.' })
  state!: string;
  @Field(() => ID, { description: 'Id of the finding.' })
  findingId!: string;
  @Field(() => ID, { nullable: true, description: 'Id of the batch change that corrects the finding; null: none.' })
  batchId!: string | null;
  @Field(() => Boolean, { nullable: true, description: 'True: it was enabled before; null: not looked at yet, or the target does not report it.' })
  wasEnabled!: boolean | null;
  @Field(() => [String], { description: 'Names of the groups of the policy that it was in before, with which it is restored.' })
  memberships!: readonly string[];
  @Field(() => Int, { description: 'Number of failed attempts at the present step.' })
  attempts!: number;
  @Field(() => QuarantineFailure, { nullable: true, description: 'Reason for which it needs a human decision; null: it needs none.' })
  failure!: QuarantineFailure | null;
  @Field(() => InstantScalar, { description: 'Time at which it was put into quarantine.' })
  createdAt!: string;
  @Field(() => InstantScalar, { nullable: true, description: 'Time at which it was read back as disabled; null: not yet.' })
  disabledAt!: string | null;
  @Field(() => InstantScalar, { nullable: true, description: 'Time at which it is deleted; null: it is not disabled yet.' })
  deleteAt!: string | null;
  @Field(() => InstantScalar, { nullable: true, description: 'Time at which it left the quarantine; null: it is in it.' })
  endedAt!: string | null;
  @Field(() => String, {
    nullable: true,
    description: 'Reason for which it left the quarantine: grace-over, restored, or one that docs/reconciliation.md lists; null: it is in it.',
  })
  endReason!: string | null;
  @Field(() => String, { nullable: true, description: 'Reason of the person who has it restored; null: nobody has.' })
  restoreReason!: string | null;
}

export const QuarantinedAccountConnection = connectionType('QuarantinedAccount', 'accounts in quarantine', () => QuarantinedAccountType);

@InputType('QuarantinedAccountFilter', { description: 'Conditions for accounts in quarantine; all of them apply.' })
export class QuarantinedAccountFilter {
  @Field(() => String, { nullable: true, description: 'Name of the target. Absent: all targets.' })
  target?: string | null;
  @Field(() => Boolean, { nullable: true, description: 'True: accounts that are in quarantine; false: those that have left it. Absent: both.' })
  isOpen?: boolean | null;
}
