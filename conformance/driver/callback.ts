import { parseJson } from '../json-text.ts';
import type { RelyingParty } from '../rp-file.ts';
import type { CallbackChange } from '../scenarios/scenario.ts';
import type { Json } from './emta-wire.ts';
import { formParameters, type PlannedRequest } from './user-agent.ts';

/** Whether a request goes to one of the client's redirect URIs. */
export function isCallback(rp: Pick<RelyingParty, 'client'>, url: string): boolean {
  const target = new URL(url);
  return rp.client.redirect_uris.some((uri) => {
    const known = new URL(uri);
    return known.origin === target.origin && known.pathname === target.pathname;
  });
}

/** A callback with its parameters changed, whether they travel in the query or in a form. */
export function changeCallback(
  callback: PlannedRequest,
  changes: readonly CallbackChange[],
  kept: (label: string) => PlannedRequest | undefined,
): PlannedRequest {
  const url = new URL(callback.url);
  const isForm = callback.form !== undefined;
  const parameters = isForm ? formParameters(callback.form ?? []) : url.searchParams;
  for (const change of changes) {
    switch (change.kind) {
      case 'drop':
        parameters.delete(change.parameter);
        break;
      case 'set':
        parameters.set(change.parameter, change.value);
        break;
      case 'add':
        parameters.append(change.parameter, change.value);
        break;
      case 'take': {
        const other = kept(change.of);
        const value = other === undefined ? null : parametersOf(other).get(change.parameter);
        if (value === null) parameters.delete(change.parameter);
        else parameters.set(change.parameter, value);
        break;
      }
      case 'graft':
        parameters.set(change.parameter, grafted(parameters.get(change.parameter) ?? '', change.address));
        break;
    }
  }
  return isForm ? { ...callback, form: [...parameters.entries()] } : { ...callback, url: url.href };
}

const isAddress = (text: string) => /^(?:\/|https?:)/.test(text);

function graftedJson(value: Json, address: string): Json {
  if (typeof value === 'string') return isAddress(value) ? address : value;
  if (Array.isArray(value)) return value.map((one) => graftedJson(one, address));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, graftedJson(one, address)]));
  return value;
}

function jsonOrNothing(text: string): Json | undefined {
  const value = parseJson(text) as Json | undefined;
  return typeof value === 'object' ? value : undefined;
}

/** Puts an address wherever a value holds one; a value that holds none gets it at its end. */
function grafted(value: string, address: string): string {
  const plain = jsonOrNothing(value);
  if (plain !== undefined) return JSON.stringify(graftedJson(plain, address));
  for (const part of value.split(/[^\w=+/-]+/).filter((one) => one !== '')) {
    const inner = jsonOrNothing(Buffer.from(part, 'base64url').toString('utf8'));
    if (inner !== undefined)
      return value.replace(part, Buffer.from(JSON.stringify(graftedJson(inner, address))).toString('base64url'));
    const text = Buffer.from(part, 'base64url').toString('utf8');
    if (isAddress(text)) return value.replace(part, Buffer.from(address).toString('base64url'));
  }
  const path = /(?:https?:\/\/|\/)[^|;,~]*/.exec(value)?.[0];
  return path === undefined ? `${value}${address}` : value.replace(path, address);
}

/** What a callback carries. */
const parametersOf = (callback: PlannedRequest): URLSearchParams =>
  callback.form === undefined ? new URL(callback.url).searchParams : formParameters(callback.form);
