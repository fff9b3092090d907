/** What a parser answers: the checked value, or why there is none. Typing something wrong is no exception. */
export type Parsed<Value, Reason extends string> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly reason: Reason };

export function parsed<Value>(value: Value): { readonly ok: true; readonly value: Value } {
  return { ok: true, value };
}

export function refused<Reason extends string>(reason: Reason): { readonly ok: false; readonly reason: Reason } {
  return { ok: false, reason };
}

/** The value of an answer that cannot be a refusal, because we wrote or computed what was parsed. */
export function sound<Value>(answer: Parsed<Value, string>, written: string): Value {
  if (!answer.ok) {
    throw new RangeError(`expected "${written}" to be sound, got the refusal "${answer.reason}"`);
  }
  return answer.value;
}
