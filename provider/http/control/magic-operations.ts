import { EmtaError } from '../../kernel/errors.ts';
import { nearest } from '../../kernel/nearest.ts';
import { type Operation, ok } from './operation.ts';
import type { MagicBlockNote } from './ports.ts';

/** The numbers that lead to a known outcome. */
export const magicOperations: readonly Operation[] = [
  {
    id: 'listMagicNumbers',
    method: 'get',
    path: '/magic-numbers',
    summary: 'A memorable number for each outcome, with what its owner types; the code is its last five digits.',
    example: { status: 200 },
    async handle(_call, { magicBlocks }) {
      return ok({ outcomes: magicBlocks.map(outcomeOnWire) });
    },
  },
  {
    id: 'getMagicNumbers',
    method: 'get',
    path: '/magic-numbers/{outcome}',
    summary: 'The whole block of one outcome, for jobs that run side by side.',
    example: { path: { outcome: 'nothing' }, status: 404 },
    async handle({ path }, { magicBlocks }) {
      const wanted = path.outcome ?? '';
      const block = magicBlocks.find(({ id }) => id === wanted);
      if (!block) {
        const ids = magicBlocks.map(({ id }) => id);
        const near = nearest(wanted, ids);
        throw new EmtaError('unknown_item', `expected one of ${ids.join(', ') || 'no outcomes'}, got "${wanted}"`, {
          ...(near && { hint: `did you mean "${near}"?` }),
        });
      }
      return ok({ ...outcomeOnWire(block), numbers: block.numbers.map(numberOnWire) });
    },
  },
];

function outcomeOnWire(block: MagicBlockNote): object {
  const [first] = block.numbers;
  const last = block.numbers.at(-1);
  return {
    outcome: block.id,
    summary: block.summary,
    returns: block.returns,
    decision: block.decision,
    birth: block.birth,
    ...(first && numberOnWire(first)),
    ...(last && { last_mobile: last.mobile }),
    count: block.numbers.length,
  };
}

function numberOnWire({ mobile, nationalCode, code }: MagicBlockNote['numbers'][number]): object {
  return { mobile, national_code: nationalCode, code };
}
