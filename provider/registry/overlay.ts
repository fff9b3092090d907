import type { Citizen, Line, Mobile, NationalCode } from './citizen.ts';

export interface RegistryChange {
  readonly citizens?: readonly Citizen[];
  readonly lines?: readonly Line[];
}

/** People and lines that stand above the population, because somebody added or changed them. */
export interface Overlay {
  readonly citizens: ReadonlyMap<NationalCode, Citizen>;
  readonly lines: ReadonlyMap<Mobile, Line>;
  /** Adds or replaces; when it resolves, the change holds. */
  put(change: RegistryChange): Promise<void>;
}

/** An overlay that ends with the process. */
export function memoryOverlay(): Overlay & { clear(): void } {
  const citizens = new Map<NationalCode, Citizen>();
  const lines = new Map<Mobile, Line>();
  return {
    citizens,
    lines,
    async put(change) {
      for (const citizen of change.citizens ?? []) {
        citizens.set(citizen.nationalCode, citizen);
      }
      for (const line of change.lines ?? []) {
        lines.set(line.mobile, line);
      }
    },
    clear() {
      citizens.clear();
      lines.clear();
    },
  };
}
