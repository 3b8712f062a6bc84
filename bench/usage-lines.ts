/** What stands before the kilobytes that a program has had at most. */
export const PEAK_MEMORY_LINE = "peak memory:";

/** What stands before the milliseconds of processor time that a program has taken. */
export const PROCESSOR_TIME_LINE = "processor time:";

/** Says what the process has taken so far, its start included and what it has started left out. */
export function printUsage(): void {
  console.log(PROCESSOR_TIME_LINE, processorMilliseconds());
  console.log(PEAK_MEMORY_LINE, process.resourceUsage().maxRSS);
}

/** The processor time that the process has taken so far. */
export function processorMilliseconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
