import type * as esm from '../emta-mock.js' with { 'resolution-mode': 'import' };

export type Emta = esm.Emta;
export type EmbeddedOptions = esm.EmbeddedOptions;
export type Person = esm.Person;
export type PersonaId = esm.PersonaId;
export type Walk = esm.Walk;
export type KeyPhase = esm.KeyPhase;
export type ArmedFault = esm.ArmedFault;

/** Starts Emta in a process of its own; options are sent to it, so they hold data alone. */
export declare function startEmta(options?: EmbeddedOptions): Promise<Emta>;
