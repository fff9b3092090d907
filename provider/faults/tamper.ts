import type { Json, Random } from '../kernel/ports.ts';
import type { JsonObject, Members } from './members.ts';
import type { ParameterSpecs } from './parameters.ts';

/** An answer of an endpoint, as it would go on the wire. */
export interface WireAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** `reset`: the connection is cut before the answer; `hang`: it stays open and nothing is ever sent. */
  readonly transport?: 'reset' | 'hang';
  /** How long to wait before answering, in milliseconds. */
  readonly delayMs?: number;
}

/** What the citizen's browser is about to carry to the relying party. */
export interface AuthorizationAnswer {
  readonly redirectUri: string;
  readonly params: URLSearchParams;
  /** `page`: the browser is not sent on; the citizen gets a page of Emta with a link to the relying party's own address. */
  readonly mode: 'query' | 'form_post' | 'page';
}

/** A valid authorization request, before the citizen sees anything. */
export interface AuthorizationRequest {
  readonly params: URLSearchParams;
  /** What every answer to it holds: where it goes, `state` and `iss`. */
  readonly answer: AuthorizationAnswer;
}

/** What happens to an authorization request instead of a journey. */
export type Interruption =
  | { readonly kind: 'answer'; readonly answer: AuthorizationAnswer }
  | { readonly kind: 'wire'; readonly wire: WireAnswer };

/** How an ID token, or a signed userinfo answer, gets its third part. */
export type Signing =
  /** By the key that the token's header names, with its `alg`. */
  | { readonly kind: 'issuer' }
  | { readonly kind: 'key'; readonly key: SigningKey }
  /** HMAC-SHA-256 over these bytes. */
  | { readonly kind: 'hmac'; readonly secret: Uint8Array }
  /** Nothing stands behind the second dot. */
  | { readonly kind: 'empty' };

/** A JWT that is not yet serialised. `serialiseToken` makes it one. */
export interface TokenDraft {
  readonly header: JsonObject;
  readonly claims: Members;
  readonly signing: Signing;
  /** Put over the claims once the signature is made, so that it does not cover them. */
  readonly alteredAfterSigning?: JsonObject;
}

export interface SigningKey {
  readonly kid: string;
  readonly alg: string;
  readonly privateJwk: JsonObject;
  readonly publicJwk: JsonObject;
}

/** All that tampering may know. Resolved by the caller, so that tampering itself reads nothing. */
export interface TamperContext {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret?: string;
  /** As given when the fault was armed. */
  readonly parameters: Readonly<Record<string, Json>>;
  readonly keys: {
    /** The key Emta signs with. */
    readonly active: SigningKey;
    /** A key of the attacker, published nowhere. */
    readonly foreign: SigningKey;
    /** A key kept under a label, made when first asked for; the same for every process and request. */
    named(label: string): Promise<SigningKey>;
  };
  /** An address of the attacker, whose visitors are counted. A fault's `trap_url` goes before it. */
  readonly trapUrl: string;
  /** Milliseconds of Emta's clock. */
  readonly now: number;
  readonly random: Random;
  readonly journey: {
    /** The number this journey verified. */
    readonly mobile?: string;
    /** The nonce of this citizen's login before, at the same client. */
    readonly previousNonce?: string;
  };
  /** Where the fault has a parameter `victim`: that citizen's userinfo claims for this client, `sub` among them. */
  readonly victimClaims?: JsonObject;
  /** Where the fault has a parameter `victim`: that citizen's answer of the identity resource. */
  readonly victimIdentity?: JsonObject;
}

/** What a fault changes at each place, before and after alike. */
export interface Tampered {
  readonly authorization_response: AuthorizationAnswer;
  readonly token_response: WireAnswer;
  readonly id_token: TokenDraft;
  readonly userinfo: WireAnswer;
  readonly resource_identity: WireAnswer;
  readonly resource_mobile: WireAnswer;
  readonly discovery: WireAnswer;
  readonly jwks: WireAnswer;
}

/** Places where pure tampering works. */
export type TamperedAct = keyof Tampered | 'authorization_request';

/** Places where the layer that owns them asks whether a fault is armed and acts by itself. */
export type PerformedAct = 'consent' | 'sms' | 'register' | 'tls';

export type Act = TamperedAct | PerformedAct;

/** Answers the very same object where there is nothing to change, and the fault is then not delivered. */
export type AnswerTampers = {
  readonly [A in keyof Tampered]?: (before: Tampered[A], context: TamperContext) => Tampered[A] | Promise<Tampered[A]>;
};

/** What a fault can change. */
export interface Tampers extends AnswerTampers {
  readonly authorization_request?: (request: AuthorizationRequest, context: TamperContext) => Interruption;
}

/** Whom a fault may be armed for, from the narrowest. */
export type Reach = 'mobile' | 'client_id' | 'issuer';

/** One entry of the catalogue. */
export interface Fault {
  /** Never changes and is never used again. */
  readonly id: string;
  /** Where it acts. */
  readonly acts: readonly Act[];
  /** The narrowest that it may be armed for: what happens before the citizen is known has no mobile number. */
  readonly narrowest: Reach;
  /** The sentence or clause that it breaks, or that makes it allowed and awkward. */
  readonly breaks: string;
  /** One sentence: what Emta does. */
  readonly summary: string;
  /** Rows of the catalogue of conformance that arm it; none for a fault that only people use. */
  readonly rows: readonly string[];
  readonly parameters: ParameterSpecs;
  readonly tampers: Tampers;
}
