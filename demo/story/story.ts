import type { Stage } from '../stage.ts';
import { auditAnswers } from './audit-answers.ts';
import { contractEndedByHumanResources } from './contract-ended.ts';
import { contractEndsByItself } from './contract-runs-out.ts';
import { firstLogin } from './first-login.ts';
import { hiredBeforeLogin } from './hired-before-login.ts';
import { entersApplications } from './three-applications.ts';
import { otherDepartment } from './other-department.ts';
import type { Cast } from './cast.ts';

/** Plays the whole story, steps 1 to 9. */
export async function playStory(stage: Stage): Promise<Cast> {
  const { carla, took } = await firstLogin(stage);
  await entersApplications(stage, carla);
  await otherDepartment(stage, carla);
  await contractEndedByHumanResources(stage, carla);
  const bruno = await contractEndsByItself(stage, took);
  const olga = await hiredBeforeLogin(stage);
  const cast = { carla, bruno, olga };
  await auditAnswers(stage, cast);
  return cast;
}
