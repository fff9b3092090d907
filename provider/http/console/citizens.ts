import type { Json } from '../../kernel/ports.ts';
import { foldDigits } from '../../kernel/text.ts';
import type { Citizen, Line } from '../../registry/citizen.ts';
import { formatJalali } from '../../registry/jalali.ts';
import { nationalForm, parseMobile } from '../../registry/mobile.ts';
import { parseNationalCode } from '../../registry/national-code.ts';
import type { PersonaNote } from '../control/ports.ts';
import type { Lang, Message, MessageKey } from '../message.ts';
import type { Kit, Shown, Visit } from './kit.ts';
import type { CheckView, ChoiceView, CitizenPage, FieldView, LineView, PersonView } from './pages.ts';

const FOUND = 50;

/** Everybody whom Emta knows: the personas with their reasons, and whoever is looked for; added and changed here. */
export function citizenPages(kit: Kit): void {
  const { control, home, render } = kit.ports;
  const back = `${home}citizens`;
  const add = `${home}citizens/new`;

  kit.get('citizens', 'citizens', async ({ ctx, page, lang }) => {
    const find = String(ctx.query.find ?? '').trim();
    const people =
      find === ''
        ? await Promise.all(control.personas.map((persona) => personaView(persona, lang)))
        : await Promise.all((await control.registry.find(find, FOUND)).map((citizen) => personView(citizen, lang)));
    return { name: 'console/citizens', model: { ...page, find, add, isWelcome: find === '', people } };
  });

  kit.get('citizens/new', 'citizens', async (visit) => newPerson(visit));
  kit.post('citizens/new', {
    part: 'citizens',
    async act(visit) {
      const { citizen } = personIn(visit);
      await visit.call('putCitizens', { body: { citizens: [citizen] } });
      return { to: `citizens/${String(citizen.national_code)}`, done: 'added' };
    },
    again: async (visit) => newPerson(visit),
  });

  kit.get('citizens/:code', 'citizens', async (visit) => {
    const citizen = await control.registry.citizen(String(visit.ctx.params.code));
    if (!citizen) {
      visit.ctx.redirect(`${back}?find=${encodeURIComponent(String(visit.ctx.params.code))}`);
      return undefined;
    }
    return knownPerson(visit, citizen);
  });
  kit.post('citizens/:code', {
    part: 'citizens',
    async act(visit) {
      const { citizen } = personIn(visit);
      const code = String(visit.ctx.params.code);
      const before = await control.registry.citizen(code);
      await visit.call('putCitizens', {
        body: { citizens: [{ ...citizen, national_code: code, ...(before?.persona && { persona: before.persona }) }] },
      });
      return { to: `citizens/${code}`, done: 'changed' };
    },
    again: personAgain,
  });
  kit.post('citizens/:code/lines', {
    part: 'citizens',
    async act(visit) {
      const code = String(visit.ctx.params.code);
      await visit.call('putCitizens', { body: { lines: [lineIn(visit, code)] } });
      return { to: `citizens/${code}`, done: 'changed' };
    },
    again: personAgain,
  });

  async function personAgain(visit: Visit): Promise<Shown> {
    const citizen = await control.registry.citizen(String(visit.ctx.params.code));
    return citizen ? knownPerson(visit, citizen) : newPerson(visit);
  }

  function newPerson({ form, field }: Visit): Shown {
    return {
      name: 'console/citizen',
      model: {
        ...form,
        back,
        action: add,
        fields: [
          {
            name: 'national_code',
            label: label('national_code'),
            value: field('national_code'),
            isNumber: true,
            required: true,
          },
          ...personFields((name) => field(name)),
          { name: 'mobile', label: label('mobile'), value: field('mobile'), isNumber: true },
        ],
        choices: [genderChoice(field('gender'))],
        checks: personChecks((name) => field(name) !== ''),
        typed: [],
        lines: [],
      },
    };
  }

  async function knownPerson({ form, field, posted }: Visit, citizen: Citizen): Promise<Shown> {
    const action = `${back}/${citizen.nationalCode}`;
    const lines = await control.registry.linesOf(citizen.nationalCode);
    // The forms of one page share no field but these; what was typed into this one stands there again.
    const isTyped = posted.given_name !== undefined;
    const read = (name: string) => (isTyped ? field(name) : valuesOf(citizen)[name]) ?? '';
    const typed: CitizenPage['typed'] = [
      ...lines.slice(0, 1).map(({ mobile }) => ({ label: label('mobile'), value: nationalForm(mobile) })),
      { label: label('national_code'), value: citizen.nationalCode },
      { label: label('birth_date'), value: formatJalali(citizen.birthDate) },
    ];
    return {
      name: 'console/citizen',
      model: {
        ...form,
        title: nameOf(citizen),
        back,
        action,
        fields: personFields(read),
        choices: [genderChoice(read('gender'))],
        checks: personChecks((name) => read(name) !== ''),
        typed,
        lines: lines.map((line) => lineView(line, `${action}/lines`)),
        newLine: lineView(undefined, `${action}/lines`),
      },
    };
  }

  async function personView(citizen: Citizen, lang: Lang): Promise<PersonView> {
    const lines = await control.registry.linesOf(citizen.nationalCode);
    const persona = control.personas.find(({ id }) => id === citizen.persona);
    return {
      href: `${back}/${citizen.nationalCode}`,
      name: nameOf(citizen),
      nationalCode: citizen.nationalCode,
      birth: formatJalali(citizen.birthDate),
      ...(lines[0] && { mobile: nationalForm(lines[0].mobile) }),
      marks: marksOf(citizen, lines[0]),
      ...(persona && { persona: persona.id, reason: reasonOf(persona, lang) }),
    };
  }

  /** What the persona types, which need not be what the registers hold. */
  async function personaView(persona: PersonaNote, lang: Lang): Promise<PersonView> {
    const mobile = parseMobile(persona.mobile);
    const code = parseNationalCode(persona.nationalCode);
    const [citizen, line] = await Promise.all([
      code.ok ? control.registry.citizen(code.value) : undefined,
      mobile.ok ? control.registry.line(mobile.value) : undefined,
    ]);
    return {
      href: citizen ? `${back}/${citizen.nationalCode}` : `${back}?find=${persona.nationalCode}`,
      name: persona.name ?? render.text(lang, { key: 'console.citizens.unknown' }),
      nationalCode: persona.nationalCode,
      birth: persona.birth
        .split('/')
        .map((part) => part.padStart(2, '0'))
        .join('/'),
      ...(mobile.ok && { mobile: nationalForm(mobile.value) }),
      marks: marksOf(citizen, line),
      persona: persona.id,
      reason: reasonOf(persona, lang),
    };
  }
}

const FIELDS = [
  ['given_name', 'givenName'],
  ['family_name', 'familyName'],
  ['father_name', 'fatherName'],
  ['shenasnameh_number', 'shenasnamehNumber'],
  ['shenasnameh_serial', 'shenasnamehSerial'],
  ['place_of_issue', 'placeOfIssue'],
  ['email', 'email'],
] as const satisfies readonly (readonly [string, keyof Citizen])[];

const label = (name: 'national_code' | 'mobile' | 'birth_date' | 'gender' | (typeof FIELDS)[number][0]): Message => ({
  key: `console.citizen.${name}`,
});

function reasonOf({ reason, reasonFa }: PersonaNote, lang: Lang): string {
  return lang === 'fa' ? (reasonFa ?? reason) : reason;
}

function nameOf({ givenName, familyName }: Citizen): string {
  return `${givenName} ${familyName}`;
}

function valuesOf(citizen: Citizen): Readonly<Record<string, string>> {
  return {
    ...Object.fromEntries(FIELDS.map(([name, member]) => [name, citizen[member] ?? ''])),
    birth_date: formatJalali(citizen.birthDate),
    gender: citizen.gender,
    deceased: citizen.deceased ? 'true' : '',
    enrolled: citizen.enrolled ? 'true' : '',
    civil_register: citizen.civilRegister ?? '',
  };
}

function personFields(read: (name: string) => string): readonly FieldView[] {
  const [given, family, ...others] = FIELDS.map(([name]): FieldView => {
    return {
      name,
      label: label(name),
      value: read(name),
      ...(name === 'email' && { isCode: true }),
      ...(name === 'shenasnameh_number' && { isNumber: true }),
      ...(name.endsWith('n_name') || name === 'family_name' ? { required: true } : {}),
    };
  });
  const birth: FieldView = {
    name: 'birth_date',
    label: label('birth_date'),
    value: read('birth_date'),
    hint: { key: 'console.citizen.birth_date_hint', params: { jalali: '1369/08/17', iso: '1990-11-08' } },
    isNumber: true,
    required: true,
  };
  return [...[given, family].filter((field) => field !== undefined), birth, ...others];
}

function genderChoice(chosen: string): ChoiceView {
  return {
    name: 'gender',
    label: label('gender'),
    choices: (['female', 'male'] as const).map((value) => ({
      value,
      label: { key: `console.citizen.${value}` },
      isChosen: value === chosen,
    })),
  };
}

function personChecks(isOn: (name: string) => boolean): readonly CheckView[] {
  return (
    [
      ['deceased', 'true'],
      ['enrolled', 'true'],
      ['civil_register', 'unreachable'],
    ] as const
  ).map(([name, value]) => ({ name, value, label: { key: `console.mark.${name}` }, isChecked: isOn(name) }));
}

function marksOf(citizen: Citizen | undefined, line: Line | undefined): readonly Message[] {
  const marks: readonly (readonly [boolean, MessageKey])[] = [
    [citizen === undefined, 'console.mark.unknown'],
    [citizen?.deceased === true, 'console.mark.deceased'],
    [citizen?.enrolled === true, 'console.mark.enrolled'],
    [citizen?.civilRegister !== undefined, 'console.mark.civil_register'],
    [line?.state === 'inactive', 'console.mark.inactive'],
    [line !== undefined && citizen !== undefined && line.owner !== citizen.nationalCode, 'console.mark.not_owner'],
    [line?.ownershipRegister !== undefined, 'console.mark.ownership_register'],
    [line?.firstSmsLost === true, 'console.mark.first_sms_lost'],
  ];
  return marks.flatMap(([holds, key]) => (holds ? [{ key }] : []));
}

function lineView(line: Line | undefined, action: string): LineView {
  const option = (value: string, key: MessageKey, chosen: string) => ({
    value,
    label: { key },
    isChosen: value === chosen,
  });
  const state = line?.state ?? 'active';
  const register = line?.ownershipRegister ?? '';
  return {
    prefix: line ? `line-${nationalForm(line.mobile)}-` : 'new-',
    action,
    ...(line && { mobile: nationalForm(line.mobile) }),
    fields: [
      ...(line
        ? []
        : [{ name: 'mobile', label: label('mobile'), value: '', isNumber: true, required: true } satisfies FieldView]),
      {
        name: 'fixed_code',
        label: { key: 'console.line.fixed_code' },
        value: line?.fixedCode ?? '',
        hint: { key: 'console.line.fixed_code_hint' },
        isNumber: true,
      },
    ],
    choices: [
      {
        name: 'state',
        label: { key: 'console.line.state' },
        choices: [option('active', 'console.line.active', state), option('inactive', 'console.mark.inactive', state)],
      },
      {
        name: 'ownership_register',
        label: { key: 'console.line.ownership_register' },
        choices: [
          option('', 'console.line.answers', register),
          option('unknown', 'console.line.unknown', register),
          option('unreachable', 'console.line.unreachable', register),
        ],
      },
    ],
    checks: [
      {
        name: 'first_sms_lost',
        value: 'true',
        label: { key: 'console.mark.first_sms_lost' },
        isChecked: line?.firstSmsLost === true,
      },
    ],
  };
}

/** The person of a form, in the names of the control interface; what is empty is absent. */
function personIn(visit: Visit): { readonly citizen: Record<string, Json> } {
  const field = (name: string) => foldDigits(visit.field(name));
  const names = ['national_code', ...FIELDS.map(([name]) => name), 'birth_date', 'gender', 'civil_register', 'mobile'];
  return {
    citizen: {
      ...Object.fromEntries(names.flatMap((name) => (field(name) === '' ? [] : [[name, field(name)]]))),
      ...(field('deceased') && { deceased: true }),
      ...(field('enrolled') && { enrolled: true }),
    },
  };
}

function lineIn(visit: Visit, owner: string): Json {
  const field = (name: string) => foldDigits(visit.field(name));
  return {
    mobile: field('mobile'),
    owner,
    state: field('state') || 'active',
    ...(field('ownership_register') && { ownership_register: field('ownership_register') }),
    ...(field('first_sms_lost') && { first_sms_lost: true }),
    ...(field('fixed_code') && { fixed_code: field('fixed_code') }),
  };
}
