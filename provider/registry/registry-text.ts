import {
  findNodeAtLocation,
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser';
import { EmtaError } from '../kernel/errors.ts';
import type { Citizen, Line } from './citizen.ts';
import {
  citizenToJson,
  isObject,
  type JsonObject,
  type JsonPath,
  type JsonProblem,
  type JsonRead,
  lineToJson,
  problemsOf,
  readCitizen,
  readLine,
} from './citizen-json.ts';

export interface RegistryData {
  readonly citizens: readonly Citizen[];
  readonly lines: readonly Line[];
  readonly clients: readonly JsonObject[];
}

const list = (value: unknown): string | undefined => (Array.isArray(value) ? undefined : 'a list');
const fileMembers = {
  version: (value: unknown) => (value === 1 ? undefined : '1'),
  citizens: list,
  lines: list,
  clients: list,
};

/** The text of a registry file. */
export function writeRegistryText(data: RegistryData): string {
  const json = {
    version: 1,
    citizens: data.citizens.map(citizenToJson),
    lines: data.lines.map(lineToJson),
    clients: data.clients,
  };
  return `${JSON.stringify(json, null, 2)}\n`;
}

/** Reads the text of a registry file. Throws `registry_file_unreadable` with each problem's line, column and member. */
export function readRegistryText(text: string, file: string): RegistryData {
  const source = text.replace(/^\ufeff/, '');
  const errors: ParseError[] = [];
  const root = parseTree(source, errors, { disallowComments: true, allowTrailingComma: false });
  const refuse = (problems: readonly string[]): never => {
    throw new EmtaError('registry_file_unreadable', problems.join('\n'), {
      hint: 'the file was left as it is: mend it, or move it away to start with an empty one',
    });
  };
  const [error] = errors;
  if (root === undefined || error !== undefined) {
    return refuse([syntaxProblem(source, file, error)]);
  }
  const doubled = doubledMembers(root);
  const read = readRegistry(getNodeValue(root));
  const problems = [...doubled, ...(read.ok ? [] : read.problems)];
  if (!read.ok || problems.length > 0) {
    return refuse(
      problems.map(({ path, message }) => {
        const where = path.length === 0 ? '' : ` ${memberName(path)}:`;
        return `${file}:${placeOf(source, offsetOf(root, path))}:${where} ${message}`;
      }),
    );
  }
  return read.value;
}

function readRegistry(input: unknown): JsonRead<RegistryData> {
  const problems = [...problemsOf(input, fileMembers, [])];
  if (!isObject(input) || problems.length > 0) {
    return { ok: false, problems };
  }
  const each = <Value>(name: string, readOne: (item: unknown) => JsonRead<Value>): readonly Value[] =>
    listOf(input[name]).flatMap((item, position) => {
      const read = readOne(item);
      if (read.ok) {
        return [read.value];
      }
      problems.push(...read.problems.map(({ path, message }) => ({ path: [name, position, ...path], message })));
      return [];
    });

  const people = each('citizens', readCitizen);
  const lines = each('lines', readLine);
  const clients = each('clients', readClient);
  problems.push(
    ...twice('citizens', people, ({ citizen }) => citizen.nationalCode, 'national_code'),
    ...twice('lines', lines, ({ mobile }) => mobile, 'mobile'),
    ...twice('clients', clients, ({ client_id }) => String(client_id), 'client_id'),
  );
  const listed = new Set(lines.map(({ mobile }) => mobile));
  const implied = people.flatMap(({ citizen, mobile }): readonly Line[] =>
    mobile === undefined || listed.has(mobile) ? [] : [{ mobile, owner: citizen.nationalCode, state: 'active' }],
  );
  return problems.length > 0
    ? { ok: false, problems }
    : { ok: true, value: { citizens: people.map(({ citizen }) => citizen), lines: [...lines, ...implied], clients } };
}

/** What else a client may hold is known to provider/oidc alone. */
function readClient(input: unknown): JsonRead<JsonObject> {
  if (!isObject(input)) {
    return { ok: false, problems: [{ path: [], message: `expected an object, got ${JSON.stringify(input)}` }] };
  }
  return typeof input.client_id === 'string' && input.client_id !== ''
    ? { ok: true, value: input }
    : { ok: false, problems: [{ path: [], message: 'expected a member "client_id" with a text, got none' }] };
}

/** Entries of a list that share a key; positions hold where the list was read without a problem. */
function twice<Value>(
  name: string,
  values: readonly Value[],
  keyOf: (value: Value) => string,
  member: string,
): readonly JsonProblem[] {
  const seen = new Set<string>();
  return values.flatMap((value, position) => {
    const key = keyOf(value);
    const isSecond = seen.has(key);
    seen.add(key);
    return isSecond
      ? [{ path: [name, position], message: `expected one entry with "${member}" ${key}, got another` }]
      : [];
  });
}

/** JSON.parse would keep the last of two members with one name and say nothing. */
function doubledMembers(node: Node, path: JsonPath = []): readonly JsonProblem[] {
  const children = node.children ?? [];
  if (node.type === 'array') {
    return children.flatMap((child, position) => doubledMembers(child, [...path, position]));
  }
  const names = new Set<string>();
  return children.flatMap((property) => {
    const [nameNode, valueNode] = property.children ?? [];
    const name = String(nameNode?.value);
    const inner = [...path, name];
    const problem = names.has(name) ? [{ path: inner, message: `expected "${name}" once, got it twice` }] : [];
    names.add(name);
    return valueNode === undefined ? problem : [...problem, ...doubledMembers(valueNode, inner)];
  });
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Where a member's name, or else a value, begins. */
function offsetOf(root: Node, path: JsonPath): number {
  const node = findNodeAtLocation(root, [...path]);
  return (node?.parent?.type === 'property' ? node.parent.offset : node?.offset) ?? root.offset;
}

/** `12:5`, counted from 1. */
function placeOf(source: string, offset: number): string {
  const before = source.slice(0, offset).split('\n');
  return `${before.length}:${(before.at(-1) ?? '').length + 1}`;
}

/** `citizens[0].national_code` */
function memberName(path: JsonPath): string {
  return path.map((step, depth) => (typeof step === 'number' ? `[${step}]` : depth === 0 ? step : `.${step}`)).join('');
}

/** `CommaExpected` -> `expected comma, got "x"`; what follows a first slip is mostly noise. */
function syntaxProblem(source: string, file: string, error: ParseError | undefined): string {
  const offset = error?.offset ?? 0;
  const rest = source.slice(offset).trimStart();
  const found = rest === '' ? 'the end of the file' : `"${rest.charAt(0)}"`;
  const name = error === undefined ? 'ValueExpected' : printParseErrorCode(error.error);
  const words = name.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  const expected = words.endsWith(' expected') ? words.slice(0, -' expected'.length) : `JSON without ${words}`;
  return `${file}:${placeOf(source, offset)}: expected ${expected}, got ${found}`;
}
