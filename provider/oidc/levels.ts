/** Levels of assurance: the number is theirs to use; it is also theirs in the register, and so is the identity. */
export const acrValues = ['urn:emta:loa:mobile', 'urn:emta:loa:identity'] as const;

export type Level = (typeof acrValues)[number];

const isLevel = (value: unknown): value is Level => acrValues.some((level) => level === value);

interface AskedLevels {
  /** In the order of preference. */
  readonly values: readonly string[];
  /** OIDC Core 5.5.1.1: without one of them the login counts as failed. */
  readonly isEssential: boolean;
}

/** The levels that a request asks for, by `claims` or else by `acr_values` (OIDC Core 3.1.2.1 and 5.5.1.1). */
function askedLevels({ claims, acr_values }: Readonly<Record<string, unknown>>): AskedLevels {
  const asked = typeof claims === 'string' ? JSON.parse(claims)?.id_token?.acr : undefined;
  if (asked && (asked.value !== undefined || Array.isArray(asked.values))) {
    return { values: asked.values ?? [asked.value], isEssential: asked.essential === true };
  }
  return {
    values: String(acr_values ?? '')
      .split(' ')
      .filter(Boolean),
    isEssential: false,
  };
}

/** Whether a request needs a level that no journey reaches. */
export function needsUnknownLevel(params: Readonly<Record<string, unknown>>): boolean {
  const { values, isEssential } = askedLevels(params);
  return isEssential && !values.some(isLevel);
}

/** What a whole journey says of itself: the first level asked for, of which each is reached, or the highest. */
export function levelFor(params: Readonly<Record<string, unknown>>): Level {
  return askedLevels(params).values.find(isLevel) ?? acrValues[1];
}
