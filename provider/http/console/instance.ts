import { EmtaError } from '../../kernel/errors.ts';
import { parseJson } from '../../kernel/json-text.ts';
import type { Json } from '../../kernel/ports.ts';
import { foldDigits } from '../../kernel/text.ts';
import { formatJalali, todayInTehran } from '../../registry/jalali.ts';
import { takeSnapshot } from '../control/world.ts';
import type { Kit, Shown, Visit } from './kit.ts';

const STEPS = [
  { seconds: 60, key: 'console.clock.minute' },
  { seconds: 120, key: 'console.clock.two_minutes' },
  { seconds: 600, key: 'console.clock.ten_minutes' },
  { seconds: 86_400, key: 'console.clock.day' },
] as const;

/** This Emta as a whole: how strict it is, its clock and keys, and its whole state. */
export function instancePages(kit: Kit): void {
  const { control, home, publishedKeys } = kit.ports;

  kit.get('instance', 'instance', show);
  kit.get('snapshot', 'instance', async ({ ctx }) => {
    ctx.attachment('emta-snapshot.json');
    ctx.body = JSON.stringify(await takeSnapshot(control), null, 2);
    ctx.type = 'json';
    return undefined;
  });
  kit.post('clock', {
    part: 'instance',
    async act(visit) {
      const seconds = Number(foldDigits(visit.field('seconds')));
      await visit.call('advanceClock', { body: { advance_seconds: seconds } });
      return { to: 'instance', done: 'advanced' };
    },
    again: show,
  });
  kit.post('reset', {
    part: 'instance',
    async act(visit) {
      if (visit.field('sure') === '') {
        throw new EmtaError('bad_control_request', 'expected the box beside the button to be ticked, got an empty one');
      }
      await visit.call('reset');
      return { to: 'instance', done: 'reset' };
    },
    again: show,
  });
  kit.post('restore', {
    part: 'instance',
    async act(visit) {
      await visit.call('restoreSnapshot', { body: jsonIn(visit.field('snapshot')) });
      return { to: 'instance', done: 'restored' };
    },
    again: show,
  });

  async function show({ form }: Visit): Promise<Shown> {
    const { issuer, version, relaxed, rules, clock, registry } = control;
    return {
      name: 'console/instance',
      model: {
        ...form,
        facts: [
          { label: { key: 'console.instance.issuer' }, value: issuer },
          { label: { key: 'console.instance.version' }, value: version },
          { label: { key: 'console.instance.population' }, count: registry.size },
          { label: { key: 'console.instance.carrier' }, value: rules.carrier },
          { label: { key: 'console.instance.relaxed' }, value: relaxed.join(', ') || '–' },
        ],
        now: new Date(clock.now()).toISOString(),
        today: formatJalali(todayInTehran(clock)),
        ahead: Math.round(clock.ahead() / 1000),
        advance: `${home}clock`,
        steps: STEPS.map(({ seconds, key }) => ({ seconds, label: { key } })),
        keys: await publishedKeys(),
        jwks: `${issuer}/oauth/jwks`,
        reset: `${home}reset`,
        snapshot: `${home}snapshot`,
        restore: `${home}restore`,
      },
    };
  }
}

function jsonIn(text: string): Json {
  const parsed = parseJson(text);
  if (parsed.ok) return parsed.value;
  throw new EmtaError('bad_control_request', `expected a snapshot as JSON, got "${text.slice(0, 60)}"`);
}
