/**
 * The child's side of child.ts: does the job that the parent sends and answers once. It stays until the channel closes,
 * which it does however the parent dies.
 */
export function serveParent<Job, Said>(work: (job: Job) => Promise<Said>, end = async (): Promise<void> => {}): void {
  process.once('message', (job) => {
    void work(job as Job).then((said) => process.send?.(said));
  });
  process.once('disconnect', () => void end().finally(() => process.exit()));
}
