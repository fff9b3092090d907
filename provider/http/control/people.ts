import { EmtaError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/ports.ts';
import type { Citizen, Line } from '../../registry/citizen.ts';
import {
  citizenToJson,
  isObject,
  type JsonObject,
  type JsonProblem,
  type JsonRead,
  readCitizen,
  readLine,
} from '../../registry/citizen-json.ts';
import type { RegistryChange } from '../../registry/overlay.ts';
import { object, type Schema } from './operation.ts';
import type { ControlPorts } from './ports.ts';

const described = (description: string): Schema => ({ description });

/** Says what a person has; the registry's own reader checks it, because it names each slip better. */
const personSchema: Schema = {
  type: 'object',
  properties: {
    national_code: described('10 digits whose check digit is right'),
    given_name: described('text'),
    family_name: described('text'),
    father_name: described('text'),
    birth_date: described('"1990-11-08", "1369/08/17", or both as {"iso", "jalali"}'),
    gender: described('"male" or "female"'),
    shenasnameh_number: described('1 to 10 digits'),
    shenasnameh_serial: described('text'),
    place_of_issue: described('text'),
    email: described('text'),
    deceased: described('true or false'),
    enrolled: described('true: has an Emta account, the SMS code alone signs in'),
    civil_register: described('"unreachable": the civil register does not answer for this person'),
    persona: described('id of the persona'),
    mobile: described('a short way to give this person an active line'),
    sub: described('as this interface answered it; not taken over'),
  },
};

const lineSchema: Schema = {
  type: 'object',
  properties: {
    mobile: described('an Iranian mobile number in any spelling'),
    owner: described('national code of the owner'),
    state: described('"active" or "inactive"'),
    ownership_register: described('"unknown" or "unreachable": what it answers instead of yes or no'),
    first_sms_lost: described('true: the first SMS of each journey never arrives'),
    fixed_code: described('4 to 8 digits: every code sent to this number'),
  },
};

export const peopleSchema: Schema = object({
  citizens: { type: 'array', items: personSchema },
  lines: { type: 'array', items: lineSchema },
});

/** Reads people and lines; throws `bad_citizen` with every problem at once. */
export function readPeople(body: Json): Required<RegistryChange> {
  const given = isObject(body) ? body : {};
  const people = listOf(given.citizens).map(withoutSub).map(readCitizen);
  const lines = listOf(given.lines).map(readLine);
  const problems = [...problemsIn('citizens', people), ...problemsIn('lines', lines)];
  if (problems.length > 0) throw new EmtaError('bad_citizen', problems.join('; '));
  const found = people.flatMap((read) => (read.ok ? [read.value] : []));
  return {
    citizens: found.map(({ citizen }) => citizen),
    lines: [
      ...found.flatMap(({ citizen, mobile }): readonly Line[] =>
        mobile ? [{ mobile, owner: citizen.nationalCode, state: 'active' }] : [],
      ),
      ...lines.flatMap((read) => (read.ok ? [read.value] : [])),
    ],
  };
}

/** A person as the control interface writes them: with their first number and their `sub`. */
export async function citizenOnWire(
  citizen: Citizen,
  { registry, logins }: Pick<ControlPorts, 'registry' | 'logins'>,
): Promise<JsonObject> {
  const [line] = await registry.linesOf(citizen.nationalCode);
  return {
    ...citizenToJson(citizen),
    ...(line && { mobile: line.mobile }),
    sub: logins.subOf(citizen.nationalCode),
  };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function withoutSub(input: unknown): unknown {
  if (!isObject(input)) return input;
  const { sub: _sub, ...others } = input;
  return others;
}

function problemsIn(name: string, reads: readonly JsonRead<unknown>[]): readonly string[] {
  return reads.flatMap((read, index) =>
    read.ok ? [] : read.problems.map((problem) => `${name}[${index}]${memberOf(problem)}: ${problem.message}`),
  );
}

function memberOf({ path }: JsonProblem): string {
  return path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('');
}
