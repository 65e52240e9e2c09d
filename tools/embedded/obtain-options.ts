/** Folder and callbacks for a Temporal program that has to be fetched first. */
export interface ObtainOptions {
  /** Folder of programs that were built or downloaded: `.tenure/bin`. */
  readonly cacheDirectory: string;
  /** Called with a line for people when it takes longer than a moment. */
  readonly onProgress: (message: string) => void;
  /** Cancels the work under way. */
  readonly signal?: AbortSignal | undefined;
}
