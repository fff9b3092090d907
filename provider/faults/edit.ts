import { parseJson } from '../kernel/json-text.ts';
import { isJsonObject, type Members, membersOf, membersText } from './members.ts';
import type { AuthorizationAnswer, TokenDraft, WireAnswer } from './tamper.ts';

/** The same answer with another body, its length header kept true. */
export function withBody(answer: WireAnswer, body: string, headers: Readonly<Record<string, string>> = {}): WireAnswer {
  const length = 'content-length' in answer.headers ? { 'content-length': String(Buffer.byteLength(body)) } : {};
  return { ...answer, body, headers: { ...answer.headers, ...headers, ...length } };
}

function parsedObject(text: string): Members | undefined {
  // Only a body that an earlier fault has broken is no JSON, and then there is no member to change.
  const read = parseJson(text);
  return read.ok && isJsonObject(read.value) ? membersOf(read.value) : undefined;
}

/** Changes the members of a JSON answer that succeeded; anything else is left as it is. */
export function editJson(answer: WireAnswer, edit: (members: Members) => Members): WireAnswer {
  if (answer.status >= 300) return answer;
  const before = parsedObject(answer.body);
  if (!before) return answer;
  const text = membersText(edit(before));
  return text === membersText(before) ? answer : withBody(answer, text);
}

/** Changes the claims of a token. */
export function editClaims(draft: TokenDraft, edit: (claims: Members) => Members): TokenDraft {
  const claims = edit(draft.claims);
  return membersText(claims) === membersText(draft.claims) ? draft : { ...draft, claims };
}

/** Changes the parameters of an authorization answer, on a copy. */
export function editParams(answer: AuthorizationAnswer, edit: (params: URLSearchParams) => void): AuthorizationAnswer {
  const params = new URLSearchParams(answer.params);
  edit(params);
  return params.toString() === answer.params.toString() ? answer : { ...answer, params };
}
