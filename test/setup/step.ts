/** Does something that may fail, and tells either way how it went. */
export async function step(what: string, work: () => Promise<unknown>): Promise<void> {
  const began = Date.now();
  process.stdout.write(`test set-up: ${what} …\n`);
  try {
    await work();
    const seconds = Math.round((Date.now() - began) / 1000);
    process.stdout.write(`test set-up: ${what}: done in ${seconds} s\n`);
  } catch (error) {
    process.stdout.write(`test set-up: ${what}: failed, and is done without\n${(error as Error).message}\n`);
  }
}
