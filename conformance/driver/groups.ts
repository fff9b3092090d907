/** The process groups that this process started and has to take along when it ends; signals are the process's, and so is this. */
const groups = new Set<number>();

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Ends a group of processes; one that has gone is no trouble. */
export function signalGroup(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (!(typeof error === 'object' && error !== null && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

function endAll(): void {
  for (const group of groups) signalGroup(group, 'SIGTERM');
  groups.clear();
}

/** Ends them, and then this process as the signal would have. */
function endWith(signal: NodeJS.Signals): void {
  endAll();
  leave();
  process.kill(process.pid, signal);
}

function leave(): void {
  process.off('exit', endAll);
  for (const signal of signals) process.off(signal, endWith);
}

/**
 * A group lives no longer than this process, however that ends: a relying party of its own group hears nothing of a
 * Ctrl-C, and would keep its port. Answers what to call when it has ended.
 */
export function endsWithUs(group: number): () => void {
  if (groups.size === 0) {
    process.once('exit', endAll);
    for (const signal of signals) process.once(signal, endWith);
  }
  groups.add(group);
  return () => {
    groups.delete(group);
    if (groups.size === 0) leave();
  };
}
