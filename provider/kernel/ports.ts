import type { Citizen, Line, Mobile, NationalCode } from '../registry/citizen.ts';

/** The only source of time. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
}

/** The only source of chance. */
export interface Random {
  /** `length` characters drawn evenly from `alphabet`. */
  text(length: number, alphabet: string): string;
  /** An identifier of 128 bits that nobody can guess, safe in a URL. */
  id(): string;
}

/** Structured lines for operators; a pino logger fits. */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  /** Says beforehand that a line would go nowhere. */
  isLevelEnabled?(level: 'info'): boolean;
}

export type Json = null | boolean | number | string | readonly Json[] | { readonly [member: string]: Json };

/**
 * Everything that must outlive one request. Keys are plain strings; the text in `{}` of a key is its hash tag,
 * so that things changed together live on one node of a Redis Cluster. Times to live are in seconds.
 */
export interface Store {
  get(key: string): Promise<Json | undefined>;
  set(key: string, value: Json, ttl: number): Promise<void>;
  /** Writes unless the key exists; answers whether it wrote. Atomic: of two callers one gets true. */
  add(key: string, value: Json, ttl: number): Promise<boolean>;
  /** Reads and deletes. Atomic: of two callers one gets the value. */
  take(key: string): Promise<Json | undefined>;
  /** Deletes; with `only`, unless something else stands there. */
  delete(key: string, only?: Json): Promise<void>;
  /** Adds one, or `by`, to a counter and answers its new value; the time to live starts with the first call. */
  increment(key: string, ttl: number, by?: number): Promise<number>;
  /** Appends to a list that keeps its newest `keep` entries. Answers the position, counted from 1, never reused. */
  append(key: string, value: Json, options: ListLimits): Promise<number>;
  /** Appends several values in one step, all or none. Answers the position of the last. */
  appendAll(key: string, values: readonly Json[], options: ListLimits): Promise<number>;
  /** The entries of a list after a position, oldest first. */
  list(key: string, after?: number): Promise<readonly { readonly position: number; readonly value: Json }[]>;
  /** Lets time pass at once for all that has a time to live, here or under a prefix: a clock was put forward. */
  passTime(seconds: number, prefix?: string): Promise<void>;
  /** Deletes everything, here or under a prefix. */
  clear(prefix?: string): Promise<void>;
  close(): Promise<void>;
}

/** Limits of a list: seconds until it ends unless appended to, and how many of its newest entries it keeps. */
export interface ListLimits {
  readonly ttl: number;
  readonly keep: number;
}

/** What the civil register (ثبت احوال) says of a national code and a birth date. */
export type CivilAnswer =
  | { readonly kind: 'match'; readonly citizen: Citizen }
  | { readonly kind: 'birth_mismatch' | 'unknown_code' | 'deceased' | 'unreachable' };

/** What the ownership register (شاهکار) says of a mobile and a national code. */
export type OwnershipAnswer = 'owner' | 'not_owner' | 'unknown' | 'unreachable';

export interface CitizenRegistry {
  citizen(nationalCode: string): Promise<Citizen | undefined>;
  line(mobile: Mobile): Promise<Line | undefined>;
  linesOf(nationalCode: NationalCode): Promise<readonly Line[]>;
  askCivilRegister(nationalCode: NationalCode, birthDate: string): Promise<CivilAnswer>;
  askOwnership(mobile: Mobile, nationalCode: NationalCode): Promise<OwnershipAnswer>;
  /** People and lines by name, code or number, personas first. */
  find(text: string, limit: number): Promise<readonly Citizen[]>;
  /** Person number `index` of the population, 0 <= index < size; who was changed in the store is asked for by code. */
  at(index: number): Citizen;
  readonly size: number;
  /** Adds or replaces a person or a line above the population. */
  put(change: { readonly citizens?: readonly Citizen[]; readonly lines?: readonly Line[] }): Promise<void>;
}
