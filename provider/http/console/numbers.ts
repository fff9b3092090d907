import { nationalForm } from '../../registry/mobile.ts';
import type { MessageKey } from '../message.ts';
import type { Kit } from './kit.ts';

const OUTCOMES = {
  granted: 'console.numbers.granted',
  enrolled: 'console.numbers.enrolled',
  refused: 'console.numbers.refused',
  not_owner: 'console.numbers.not_owner',
  unknown: 'console.numbers.unknown',
  inactive: 'console.numbers.inactive',
  late_sms: 'console.numbers.late_sms',
  deceased: 'console.numbers.deceased',
  birth_mismatch: 'console.numbers.birth_mismatch',
  minor: 'console.numbers.minor',
  owner_unknown: 'console.numbers.owner_unknown',
  ownership_down: 'console.numbers.ownership_down',
  civil_down: 'console.numbers.civil_down',
} as const satisfies Readonly<Record<string, MessageKey>>;

const isKnown = (id: string): id is keyof typeof OUTCOMES => Object.hasOwn(OUTCOMES, id);

/** Numbers that lead to a known outcome. */
export function numberPages(kit: Kit): void {
  const { control } = kit.ports;
  kit.get('numbers', 'numbers', async ({ page }) => ({
    name: 'console/numbers',
    model: {
      ...page,
      blocks: control.magicBlocks.flatMap(({ id, digits, numbers, birth, returns }) => {
        const [first] = numbers;
        const last = numbers.at(-1);
        if (!first || !last || !isKnown(id)) return [];
        return {
          id,
          digits,
          outcome: { key: OUTCOMES[id] },
          first: nationalForm(first.mobile),
          last: nationalForm(last.mobile),
          nationalCode: first.nationalCode,
          birth,
          code: first.code,
          returns,
        };
      }),
    },
  }));
}
