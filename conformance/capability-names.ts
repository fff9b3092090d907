/** What a relying party may or may not do; declared in its file, or observed. */
export const capabilityNames = [
  'oidc',
  'state',
  'nonce',
  'pkce',
  'form_post',
  'acr_values',
  'max_age',
  'discovery',
  'userinfo',
  'iss_param',
  'signature_required',
  'signed_userinfo',
  'asks_mobile',
  'asks_national_code',
  'registration',
] as const;

export type CapabilityName = (typeof capabilityNames)[number];

/** Optional members of the file that an expression may name: true when present. */
export const optionalMembers = [
  'session_url',
  'logout_url',
  'refusal',
  'mismatch',
  'mobile_status',
  'registration_url',
  'prefilled',
  'launch',
  'second_issuer',
] as const;

export type OptionalMember = (typeof optionalMembers)[number];
