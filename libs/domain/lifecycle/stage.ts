/** Stage of an identity lifecycle workflow, as the search attribute TenureStage. */
export type Stage = 'onboarding' | 'change' | 'leaving' | 'waiting' | 'idle';
