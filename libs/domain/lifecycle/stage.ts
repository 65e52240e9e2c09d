/** Where a life stands, as TenureStage. */
export type Stage = 'onboarding' | 'change' | 'leaving' | 'waiting' | 'idle';
