import type { ArmedFault, ArmingScope } from '../../faults/arming.ts';
import { type DescribedFault, describeFaults } from '../../faults/catalogue.ts';
import type { Act } from '../../faults/tamper.ts';
import { EmtaError } from '../../kernel/errors.ts';
import { parseJson } from '../../kernel/json-text.ts';
import type { Json } from '../../kernel/ports.ts';
import { compareKey, foldDigits } from '../../kernel/text.ts';
import { nationalForm, parseMobile } from '../../registry/mobile.ts';
import type { Message } from '../message.ts';
import type { Kit, Shown, Visit } from './kit.ts';
import type { FaultPage, FaultsPage } from './pages.ts';

/** Where faults act, in the order of a login. */
const PLACES: readonly Act[] = [
  'discovery',
  'jwks',
  'tls',
  'authorization_request',
  'sms',
  'register',
  'consent',
  'authorization_response',
  'token_response',
  'id_token',
  'userinfo',
  'resource_identity',
  'resource_mobile',
];

const faults = describeFaults();

/** The catalogue by place, what is armed and how often it was delivered. */
export function faultPages(kit: Kit): void {
  const { control, home, render } = kit.ports;
  const back = `${home}faults`;
  const hrefOf = (id: string) => `${back}/${id}`;

  kit.get('faults', 'faults', async (visit) => list(visit));

  kit.get('faults/:id', 'faults', async (visit) => {
    const fault = faults.find(({ id }) => id === visit.ctx.params.id);
    if (!fault) {
      visit.ctx.redirect(back);
      return undefined;
    }
    return one(visit, fault);
  });
  kit.post('faults/:id', {
    part: 'faults',
    async act(visit) {
      await visit.call('armFault', { body: orderIn(visit, faultOf(visit)) });
      return { to: 'faults', done: 'armed' };
    },
    again: async (visit) => one(visit, faultOf(visit)),
  });
  kit.post('armed/:id/disarm', {
    part: 'faults',
    async act(visit) {
      await visit.call('disarm', { path: { id: String(visit.ctx.params.id) } });
      return { to: 'faults', done: 'disarmed' };
    },
    again: async (visit) => list(visit),
  });
  kit.post('armed/disarm', {
    part: 'faults',
    async act(visit) {
      await visit.call('disarmAll');
      return { to: 'faults', done: 'disarmed' };
    },
    again: async (visit) => list(visit),
  });

  async function list({ ctx, form, lang }: Visit): Promise<Shown> {
    const find = String(ctx.query.find ?? '').trim();
    const key = compareKey(find);
    const matching = faults.filter(({ id, summary, breaks }) =>
      compareKey(`${id}${summary}${render.sentence(lang, summary)}${breaks}`).includes(key),
    );
    const armed = await control.arming.list();
    const model: FaultsPage = {
      ...form,
      find,
      ...(armed.length > 1 && { disarmAll: `${home}armed/disarm` }),
      armed: armed.map(armedView),
      places: PLACES.map((place) => ({
        id: place,
        title: { key: `console.place.${place}` } as const,
        faults: matching
          .filter(({ acts }) => acts[0] === place)
          .map(({ id, summary, breaks }) => ({ id, summary, breaks, href: hrefOf(id) })),
      })).filter((place) => place.faults.length > 0),
    };
    return { name: 'console/faults', model };
  }

  function armedView(armed: ArmedFault & { readonly delivered: number }): FaultsPage['armed'][number] {
    const { id, fault, scope, uses, parameters, delivered } = armed;
    return {
      id,
      fault,
      href: hrefOf(fault),
      scope: scopeWords(scope),
      ...(Object.keys(parameters).length > 0 && { parameters: JSON.stringify(parameters) }),
      delivered,
      ...(uses !== undefined && { uses }),
      disarm: `${home}armed/${id}/disarm`,
    };
  }

  function one({ form, field }: Visit, fault: DescribedFault): Shown {
    const model: FaultPage = {
      ...form,
      id: fault.id,
      summary: fault.summary,
      breaks: fault.breaks,
      back,
      action: hrefOf(fault.id),
      reach: { key: `console.reach.${fault.narrowest}` },
      scopes: [
        ...(fault.narrowest === 'mobile'
          ? [
              {
                name: 'mobile',
                label: { key: 'console.fault.mobile' } as const,
                value: field('mobile'),
                isNumber: true,
              },
            ]
          : []),
        ...(fault.narrowest === 'issuer'
          ? []
          : [
              {
                name: 'client_id',
                label: { key: 'console.client.id' } as const,
                value: field('client_id'),
                isCode: true,
              },
            ]),
      ],
      issuer: {
        name: 'issuer',
        value: 'true',
        label: { key: 'console.fault.issuer' },
        isChecked: field('issuer') !== '' || fault.narrowest === 'issuer',
      },
      fields: fault.parameters.map(({ name, type, meaning, required, one_of, default: usual }) => ({
        name: `parameter-${name}`,
        label: { key: 'console.fault.parameter', params: { name } },
        value: field(`parameter-${name}`),
        about: {
          meaning,
          ...(one_of && { choices: one_of.join(', ') }),
          ...(usual !== undefined && { usual: String(usual) }),
        },
        ...(type === 'number' ? { isNumber: true } : { isCode: true }),
        ...(required && { required }),
      })),
      uses: field('uses'),
    };
    return { name: 'console/fault', model };
  }
}

function faultOf({ ctx }: Visit): DescribedFault {
  const fault = faults.find(({ id }) => id === ctx.params.id);
  if (!fault) throw new EmtaError('unknown_fault', `unknown fault "${String(ctx.params.id)}"`);
  return fault;
}

function scopeWords(scope: ArmingScope): Message {
  if ('clientId' in scope) return { key: 'console.armed.client', params: { client: scope.clientId } };
  if (!('mobile' in scope)) return { key: 'console.armed.issuer' };
  const mobile = parseMobile(scope.mobile);
  return { key: 'console.armed.mobile', params: { mobile: mobile.ok ? nationalForm(mobile.value) : scope.mobile } };
}

/** The order of a form; each parameter in the type that the catalogue gives it. */
function orderIn({ field }: Visit, fault: DescribedFault): Json {
  const parameters = Object.fromEntries(
    fault.parameters.flatMap(({ name, type }) => {
      const typed = field(`parameter-${name}`);
      return typed === '' ? [] : [[name, typedAs(type, typed)]];
    }),
  );
  const uses = field('uses');
  return {
    fault: fault.id,
    ...(field('mobile') && { mobile: field('mobile') }),
    ...(field('client_id') && { client_id: field('client_id') }),
    ...(field('issuer') && { issuer: true }),
    ...(uses && { uses: Number(foldDigits(uses)) }),
    ...(Object.keys(parameters).length > 0 && { parameters }),
  };
}

/** What cannot be read in its type stays a text, and is refused as one. */
function typedAs(type: DescribedFault['parameters'][number]['type'], typed: string): Json {
  if (type === 'string') return typed;
  const parsed = parseJson(type === 'number' ? foldDigits(typed) : typed);
  return parsed.ok ? parsed.value : typed;
}
