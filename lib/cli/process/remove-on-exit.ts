const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

const removals = new Set<() => void>();

/**
 * Has something removed when this process ends: by itself, by an error that nothing catches, or by a signal.
 *
 * @param removal removes it, at once
 * @returns removes it now
 */
export function removeOnExit(removal: () => void): () => void {
  if (removals.size === 0) listen();
  removals.add(removal);
  return () => {
    removals.delete(removal);
    if (removals.size === 0) stopListening();
    removal();
  };
}

function listen(): void {
  process.on("exit", removeAll);
  // First, so that a listener that hears a signal once still counts.
  for (const signal of SIGNALS) process.prependListener(signal, end);
}

function stopListening(): void {
  process.off("exit", removeAll);
  for (const signal of SIGNALS) process.off(signal, end);
}

/** Ends the process as the signal does by itself, unless a command listens to the signal: it ends the process in order. */
function end(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  removeAll();
  stopListening();
  process.kill(process.pid, signal);
}

function removeAll(): void {
  for (const removal of removals) removal();
}
