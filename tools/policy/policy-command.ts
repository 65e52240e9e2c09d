/** Arguments of a command. */
export interface PolicyCommand {
  readonly environment: NodeJS.ProcessEnv;
  /** Folder of tenure.yaml and policy/. */
  readonly directory: string;
  /** Digest of the plan that is to be applied. */
  readonly digest: string | null;
  readonly say: (line: string) => void;
}
