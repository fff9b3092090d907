/** What a small relying party is told; the rest it finds out itself. */
export interface RelyingPartyOptions {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** 0 takes a free one. */
  readonly port: number;
}

/** The members of `emta-rp.json` for a relying party that is running, and how to end it. */
export interface RunningRelyingParty {
  readonly name: string;
  readonly version: string;
  readonly start_url: string;
  readonly protected_url: string;
  readonly session_url: { readonly url: string; readonly signed_in: string };
  readonly logout_url: { readonly url: string; readonly method: 'GET' | 'POST' };
  readonly mobile_status: { readonly url: string; readonly verified: string };
  readonly refusal: { readonly text: string };
  readonly mismatch: { readonly text: string };
  readonly capabilities?: { readonly oidc: boolean };
  readonly client: {
    readonly client_id: string;
    readonly client_secret: string;
    readonly redirect_uris: readonly string[];
    readonly token_endpoint_auth_method: 'client_secret_basic' | 'client_secret_post';
    readonly scope: string;
  };
  close(): Promise<void>;
}

/** A relying party that some library makes, and what is known of it. */
export interface RelyingPartyKind {
  readonly id: string;
  /** The library and how it is used, in one sentence. */
  readonly what: string;
  readonly face: 'oidc' | 'resources';
  /** True when it should be certified as it stands; else `knownBad` says in which rows it must be red, and why. */
  readonly correct: boolean;
  readonly knownBad?: Readonly<Record<string, string>>;
  readonly start: (options: RelyingPartyOptions) => Promise<RunningRelyingParty>;
}

/** What is known of a library that reads the ID token and leaves its signature alone. */
export const signatureUnchecked: Readonly<Record<string, string>> = Object.fromEntries(
  ['H20', 'H21', 'H22', 'H23', 'H24', 'H25', 'H26', 'H28', 'K04'].map((row) => [row, 'does not look at the signature']),
);

export const oidcScope = 'openid user:identity:general user:primaryMobileNumber';
export const plainScope = 'user:identity:general user:primaryMobileNumber';

/** How long each back-channel request may take; a citizen waits for it. */
export const backChannelSeconds = 8;
