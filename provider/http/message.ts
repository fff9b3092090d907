import type fa from '../../views/messages/fa.json';

/** A key of `views/messages/fa.json`. */
export type MessageKey = keyof typeof fa;

export type Lang = 'fa' | 'en';

/** A message and what fills its braces; a parameter may be a message itself, e.g. a field's label. */
export interface Message {
  readonly key: MessageKey;
  readonly params?: { readonly [name: string]: string | number | Message };
}
