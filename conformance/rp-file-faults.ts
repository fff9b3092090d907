import { readFileSync } from 'node:fs';
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import { nearest } from './nearest.ts';

/** Something wrong with the file: what, and the pointer of the member it is about. */
export interface FileFault {
  readonly message: string;
  readonly pointer: string;
}

/** A JSON Schema, as far as its words are told. */
export type Schema = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is Schema => typeof value === 'object' && value !== null;

/** `/client/redirect_uris/0` as people write it: `client.redirect_uris[0]`. */
export function memberName(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((name, part) => (/^\d+$/.test(part) ? `${name}[${part}]` : name === '' ? part : `${name}.${part}`), '');
}

/** The schema of a member, its own words over those of what it refers to. */
function schemaAt(root: Schema, pointer: string): Schema {
  const resolve = (schema: Schema): Schema => {
    const reference = schema.$ref;
    if (typeof reference !== 'string') return schema;
    const target = reference
      .split('/')
      .slice(1)
      .reduce<unknown>((inner, part) => (isRecord(inner) ? inner[part] : undefined), root);
    return isRecord(target) ? { ...resolve(target), ...schema } : schema;
  };
  return pointer
    .split('/')
    .slice(1)
    .reduce<Schema>((schema, part) => {
      const properties = isRecord(schema.properties) ? schema.properties : {};
      const inner = /^\d+$/.test(part) ? schema.items : (properties[part] ?? schema.additionalProperties);
      return isRecord(inner) ? resolve(inner) : {};
    }, resolve(root));
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** Why the member is there and an example, so that the reader can write it without the manual. */
function advice(schema: Schema): string {
  const why = typeof schema.description === 'string' ? `; ${schema.description}` : '';
  const example = Array.isArray(schema.examples) ? `; for example ${JSON.stringify(schema.examples[0])}` : '';
  return `${why}${example}`;
}

const kindOf = (value: unknown): string =>
  value === null
    ? 'null'
    : Array.isArray(value)
      ? `the array ${shown(value)}`
      : isRecord(value)
        ? `the object ${shown(value)}`
        : shown(value);

const namesOfTypes = (type: unknown): string => {
  const words: Readonly<Record<string, string>> = {
    string: 'text',
    object: 'an object',
    array: 'an array',
    boolean: 'true or false',
    number: 'a number',
    integer: 'a whole number',
  };
  return (Array.isArray(type) ? type : [type]).map((name) => words[String(name)] ?? String(name)).join(' or ');
};

function patternWords(pattern: unknown): string {
  const words: Readonly<Record<string, string>> = {
    '^https?://': 'begin with http:// or https://',
    '^css:.+': 'be css:SELECTOR or css:SELECTOR@ATTRIBUTE',
    '^(json:\\$[.\\[].*|css:.+|status:[1-5][0-9][0-9])$': 'be json:$.PATH, css:SELECTOR or status:NUMBER',
    '^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$': 'be a language tag',
  };
  return words[String(pattern)] ?? `match ${String(pattern)}`;
}

/** Members that the branches of a choice ask for. */
const namesRequired = (branches: unknown): readonly string[] =>
  (Array.isArray(branches) ? branches : []).flatMap((branch: unknown) =>
    isRecord(branch) && Array.isArray(branch.required) ? branch.required.map((name) => `"${String(name)}"`) : [],
  );

function inWords(error: ErrorObject, root: Schema, whole: string): FileFault | undefined {
  const pointer = error.instancePath;
  const name = memberName(pointer);
  const schema = schemaAt(root, pointer);
  const subject = name === '' ? whole : `"${name}"`;
  const value: unknown = error.data;
  const params: Readonly<Record<string, unknown>> = error.params;
  const tell = (what: string, at = pointer, about = schema): FileFault => ({
    message: `${what}${advice(about)}`,
    pointer: at,
  });
  switch (error.keyword) {
    case 'if':
      return undefined;
    case 'oneOf': {
      const choices = namesRequired(error.schema);
      return tell(`expected ${subject} to have exactly one of ${choices.join(', ')}, got ${kindOf(value)}`);
    }
    case 'required': {
      // one branch of a choice; the choice itself is told
      if (error.schemaPath.includes('/oneOf/')) return undefined;
      const missing = `${pointer}/${String(params.missingProperty)}`;
      return tell(`missing member "${memberName(missing)}"`, missing, schemaAt(root, missing));
    }
    case 'additionalProperties': {
      const extra = String(params.additionalProperty);
      const known = Object.keys(isRecord(schema.properties) ? schema.properties : {}).filter(
        (key) => key !== '$schema',
      );
      const near = nearest(extra, known);
      const hint = near === undefined ? `, the known ones are ${known.join(', ')}` : `, did you mean "${near}"?`;
      return {
        message: `unknown member "${name === '' ? extra : `${name}.${extra}`}"${hint}`,
        pointer: `${pointer}/${extra}`,
      };
    }
    case 'propertyNames':
      return undefined;
    case 'enum': {
      const allowed = Array.isArray(params.allowedValues) ? params.allowedValues.map(String) : [];
      if (error.propertyName !== undefined) {
        const near = nearest(error.propertyName, allowed);
        const hint = near === undefined ? `, the known ones are ${allowed.join(', ')}` : `, did you mean "${near}"?`;
        return {
          message: `unknown member "${name}.${error.propertyName}"${hint}`,
          pointer: `${pointer}/${error.propertyName}`,
        };
      }
      const near = typeof value === 'string' ? nearest(value, allowed) : undefined;
      const hint = near === undefined ? '' : `, did you mean "${near}"?`;
      return tell(`expected ${subject} to be one of ${allowed.join(', ')}, got ${kindOf(value)}${hint}`);
    }
    case 'type':
      return tell(`expected ${subject} to be ${namesOfTypes(params.type)}, got ${kindOf(value)}`);
    case 'pattern':
      return tell(`expected ${subject} to ${patternWords(params.pattern)}, got ${kindOf(value)}`);
    case 'minLength':
      return tell(`expected ${subject} not to be empty`);
    case 'minItems':
    case 'minProperties':
      return tell(`expected ${subject} to hold at least one entry, got ${kindOf(value)}`);
    default:
      return tell(
        `expected ${subject} to satisfy the schema (${error.message ?? error.keyword}), got ${kindOf(value)}`,
      );
  }
}

/** A check of values against a schema, each fault in words; `whole` is what the outermost value is called. */
export function checkOf(root: Schema, whole: string): (value: unknown) => readonly FileFault[] {
  const ajv = new Ajv2020({
    allErrors: true,
    strict: true,
    strictRequired: false,
    allowUnionTypes: true,
    verbose: true,
  });
  const validate = ajv.compile(root);
  return (value) => {
    if (validate(value)) return [];
    const faults = (validate.errors ?? []).flatMap((error) => inWords(error, root, whole) ?? []);
    return faults.filter((fault, index) => faults.findIndex((other) => other.message === fault.message) === index);
  };
}

/** Everything that the schema has against a relying party's file. */
export function schemaFaults(value: unknown): readonly FileFault[] {
  const root: unknown = JSON.parse(readFileSync(new URL('./emta-rp.schema.json', import.meta.url), 'utf8'));
  if (!isRecord(root)) throw new Error('emta-rp.schema.json holds no schema');
  return checkOf(root, 'the file')(value);
}
