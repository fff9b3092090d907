import type { Json } from '../../kernel/ports.ts';
import type { ControlPorts } from './ports.ts';

/** A JSON Schema (draft 2020-12) of what an operation takes or gives. */
export type Schema = { readonly [keyword: string]: Json };

export interface Call {
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: Json;
}

export interface Answer {
  readonly status: number;
  readonly body: Json;
}

/** One operation of the control interface; its description in OpenAPI is made from this very object. */
export interface Operation {
  readonly id: string;
  readonly method: 'get' | 'post' | 'put' | 'delete';
  /** Below `/_emta/v1`, parameters in braces. */
  readonly path: string;
  readonly summary: string;
  /** Properties of the query; all of them texts. */
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Schema;
  /** Sent by the test that tries every operation. */
  readonly example: {
    readonly path?: Readonly<Record<string, string>>;
    readonly query?: Readonly<Record<string, string>>;
    readonly body?: Json;
    readonly status: number;
  };
  handle(call: Call, ports: ControlPorts): Promise<Answer>;
}

export const ok = (body: unknown, status = 200): Answer => ({ status, body: (body ?? null) as Json });

export function object(properties: Readonly<Record<string, Schema>>, required: readonly string[] = []): Schema {
  return { type: 'object', properties, required: [...required], additionalProperties: false };
}

export const text: Schema = { type: 'string', minLength: 1 };
export const flag: Schema = { type: 'boolean' };
export const count: Schema = { type: 'integer', minimum: 1 };
