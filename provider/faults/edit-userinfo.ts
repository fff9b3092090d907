import { editJson, withBody } from './edit.ts';
import { type Members, membersText } from './members.ts';
import { draftOf, serialiseToken } from './serialise-token.ts';
import type { TamperContext, TokenDraft, WireAnswer } from './tamper.ts';

/** Whether userinfo comes signed, as a JWT. */
export function isToken(answer: WireAnswer): boolean {
  return answer.status < 300 && (answer.headers['content-type'] ?? '').startsWith('application/jwt');
}

/** Takes signed userinfo apart, changes it and signs it as its draft then says. */
export async function resign(
  answer: WireAnswer,
  context: Pick<TamperContext, 'keys'>,
  change: (draft: TokenDraft) => TokenDraft,
): Promise<WireAnswer> {
  return withBody(answer, await serialiseToken(change(draftOf(answer.body)), context.keys.active));
}

/** Changes the claims of userinfo, plain or signed; a signed one is signed anew by Emta. */
export function editUserinfo(
  answer: WireAnswer,
  context: Pick<TamperContext, 'keys'>,
  edit: (claims: Members) => Members,
): WireAnswer | Promise<WireAnswer> {
  if (!isToken(answer)) return editJson(answer, edit);
  const { claims } = draftOf(answer.body);
  const edited = edit(claims);
  return membersText(edited) === membersText(claims)
    ? answer
    : resign(answer, context, (draft) => ({ ...draft, claims: edited }));
}
