/** A way in which the reference sale site can be wrong, and what must turn red when it is. */
export interface DefectEntry {
  /** `X01` to `X54` as conformance.md lists them; a row's own id for a row that none of those kills. */
  readonly id: string;
  /** Where the list's defect is built in several ways. */
  readonly variant?: string;
  /** What the site does wrong. */
  readonly title: string;
  /** Rows that must turn red. Of a defect with variants, the list's rows are those of all its variants together. */
  readonly rows: readonly string[];
  /** Rows that may turn red as well, and rightly; `any` where citizens who are there together get into each other's way. */
  readonly neighbours?: readonly string[] | 'any';
  /** The face that the defect belongs to, where it is not to be seen on the other. */
  readonly face?: 'oidc' | 'oauth2';
  /** The file of the site to run it with, where that is not the one of its face. */
  readonly file?: 'emta-rp.mobile.json';
  /** Members of the client's registration at Emta that differ. */
  readonly client?: Readonly<Record<string, unknown>>;
  /** Checks of Emta that must be off, because they refuse what the defect does. */
  readonly relax?: readonly string[];
  /** What the file declares besides. */
  readonly capabilities?: Readonly<Record<string, boolean>>;
}

/** The name by which the sale site builds it in. */
export function nameOf({ id, variant }: DefectEntry): string {
  return variant === undefined ? id : `${id}.${variant}`;
}

/** Whether a row that the defect need not turn red may turn red with it. */
export const isNeighbour = ({ neighbours = [] }: DefectEntry, id: string): boolean =>
  neighbours === 'any' || neighbours.includes(id);
