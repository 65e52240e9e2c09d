/** Where a Temporal program is put that has to be fetched first, and whom to tell. */
export interface ObtainOptions {
  /** Where programs are kept that were built or downloaded: `.tenure/bin`. */
  readonly cacheDirectory: string;
  /** Gets a line for people when it takes longer than a moment. */
  readonly onProgress: (message: string) => void;
  /** Ends what is under way. */
  readonly signal?: AbortSignal | undefined;
}
