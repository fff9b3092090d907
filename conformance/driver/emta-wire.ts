import { ConformanceError } from '../errors.ts';
import type { JournalEnd } from '../facts.ts';
import type { Person } from './person.ts';

/** Any value that JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [member: string]: Json };
export type JsonObject = { readonly [member: string]: Json };

/** One call that reached Emta, as it went over the wire. */
export interface Exchange {
  readonly seq: number;
  readonly at: string;
  readonly endpoint: string;
  readonly journey?: string;
  readonly clientId?: string;
  readonly mobile?: string;
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly query: Readonly<Record<string, string>>;
    readonly form: Readonly<Record<string, string>>;
  };
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  };
  /** Ids of the faults that acted on it. */
  readonly delivered: readonly string[];
  /** Why Emta turned it away by itself, where it did. */
  readonly explanation?: Explanation;
}

export interface Explanation {
  /** `wrong_secret` and the like. */
  readonly kind: string;
  readonly rule: string;
  readonly expected: readonly string[];
  readonly received: readonly string[];
}

export interface Armed {
  readonly id: string;
  readonly fault: string;
  readonly delivered: number;
}

export interface JourneyView {
  readonly step: string;
  readonly captcha?: string;
  readonly code?: string;
  readonly outcome?: string;
}

export interface SmsView {
  readonly id: string;
  readonly at: string;
  readonly to: string;
  readonly from: string;
  readonly text: string;
  readonly code?: string;
  readonly status: string;
}

export interface EmtaDescription {
  readonly version: string;
  readonly issuer: string;
  readonly relaxed: readonly string[];
  readonly carrier: string;
  readonly faults: readonly string[];
}

export interface FaultView {
  readonly id: string;
  readonly rows: readonly string[];
  readonly parameters: readonly string[];
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads an answer of the control interface; what does not fit is a defect of the two sides, never of the relying party. */
function misfit(what: string, got: unknown): never {
  throw new ConformanceError(
    'emta_refused',
    `expected Emta's control interface to answer ${what}, got ${JSON.stringify(got)?.slice(0, 200) ?? 'nothing'}`,
  );
}

const text = (object: JsonObject, name: string): string => {
  const value = object[name];
  return typeof value === 'string' ? value : misfit(`a text "${name}"`, object);
};
const maybe = <K extends string>(object: JsonObject, name: string, key: K): { readonly [P in K]?: string } => {
  const value = object[name];
  return typeof value === 'string' ? ({ [key]: value } as { readonly [P in K]?: string }) : {};
};
const list = (object: JsonObject, name: string): readonly JsonObject[] => {
  const value = object[name];
  return Array.isArray(value)
    ? value.map((one: unknown) => (isObject(one) ? one : misfit(`objects in "${name}"`, one)))
    : misfit(`a list "${name}"`, object);
};
const texts = (value: Json | undefined): readonly string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];

/** A flat map of texts; lists become their first value joined by a comma, as on the wire. */
function flat(value: Json | undefined): Readonly<Record<string, string>> {
  if (!isObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, one]) =>
      one === null ? [] : [[name, Array.isArray(one) ? one.map(String).join(', ') : String(one)]],
    ),
  );
}

function parsePerson(object: JsonObject): Person {
  const birth = isObject(object.birth_date) ? object.birth_date : misfit('a "birth_date"', object);
  return {
    nationalCode: text(object, 'national_code'),
    givenName: text(object, 'given_name'),
    familyName: text(object, 'family_name'),
    birthDate: text(birth, 'iso'),
    birthJalali: text(birth, 'jalali'),
    gender: text(object, 'gender'),
    mobile: text(object, 'mobile'),
    ...maybe(object, 'father_name', 'fatherName'),
    ...maybe(object, 'shenasnameh_number', 'shenasnamehNumber'),
    ...maybe(object, 'shenasnameh_serial', 'shenasnamehSerial'),
    ...maybe(object, 'place_of_issue', 'placeOfIssue'),
    ...maybe(object, 'email', 'email'),
    ...maybe(object, 'sub', 'subject'),
  };
}

export const parsePeople = (answer: JsonObject): readonly Person[] => list(answer, 'citizens').map(parsePerson);

/** The citizen as the control interface takes him back. */
export const personWire = (person: Person): JsonObject => ({
  national_code: person.nationalCode,
  given_name: person.givenName,
  family_name: person.familyName,
  birth_date: { iso: person.birthDate, jalali: person.birthJalali },
  gender: person.gender,
  mobile: person.mobile,
  ...(person.fatherName === undefined ? {} : { father_name: person.fatherName }),
  ...(person.shenasnamehNumber === undefined ? {} : { shenasnameh_number: person.shenasnamehNumber }),
  ...(person.shenasnamehSerial === undefined ? {} : { shenasnameh_serial: person.shenasnamehSerial }),
  ...(person.placeOfIssue === undefined ? {} : { place_of_issue: person.placeOfIssue }),
  ...(person.email === undefined ? {} : { email: person.email }),
});

const parseExplanation = (object: JsonObject): Explanation => ({
  kind: text(object, 'kind'),
  rule: text(object, 'rule'),
  expected: texts(object.expected),
  received: texts(object.received),
});

export function parseExchanges(answer: JsonObject): readonly Exchange[] {
  return list(answer, 'exchanges').map((one) => {
    const request = isObject(one.request) ? one.request : misfit('a "request"', one);
    const response = isObject(one.response) ? one.response : misfit('a "response"', one);
    return {
      seq: typeof one.seq === 'number' ? one.seq : misfit('a number "seq"', one),
      at: typeof one.at === 'string' ? one.at : '',
      endpoint: text(one, 'endpoint'),
      ...maybe(one, 'journey', 'journey'),
      ...maybe(one, 'client_id', 'clientId'),
      ...maybe(one, 'mobile', 'mobile'),
      request: {
        method: text(request, 'method'),
        url: text(request, 'url'),
        headers: flat(request.headers),
        query: flat(request.query),
        form: flat(request.form),
      },
      response: {
        status: typeof response.status === 'number' ? response.status : 0,
        headers: flat(response.headers),
        body: typeof response.body === 'string' ? response.body : JSON.stringify(response.body ?? ''),
      },
      delivered: texts(one.delivered),
      ...(isObject(one.explanation) ? { explanation: parseExplanation(one.explanation) } : {}),
    };
  });
}

/** Entries of the journal: how far each chain went. */
export const parseJournalEnds = (answer: JsonObject): readonly JournalEnd[] =>
  list(answer, 'entries').map((one) => ({
    chain: text(one, 'chain'),
    seq: typeof one.seq === 'number' ? one.seq : misfit('a number "seq"', one),
    hash: text(one, 'hash'),
  }));

export const parseArmed = (answer: JsonObject): Armed => ({
  id: text(answer, 'id'),
  fault: text(answer, 'fault'),
  delivered: typeof answer.delivered === 'number' ? answer.delivered : misfit('a number "delivered"', answer),
});

export const parseJourney = (answer: JsonObject): JourneyView => ({
  step: text(answer, 'step'),
  ...maybe(answer, 'captcha', 'captcha'),
  ...maybe(answer, 'code', 'code'),
  ...maybe(answer, 'outcome', 'outcome'),
});

export function parseMessages(answer: JsonObject): readonly SmsView[] {
  return list(answer, 'messages').map((one) => ({
    id: text(one, 'id'),
    at: text(one, 'at'),
    to: text(one, 'to'),
    from: text(one, 'from'),
    text: text(one, 'text'),
    status: text(one, 'status'),
    ...maybe(one, 'code', 'code'),
  }));
}

export const parseDescription = (answer: JsonObject): EmtaDescription => ({
  version: text(answer, 'version'),
  issuer: text(answer, 'issuer'),
  relaxed: texts(answer.relaxed),
  carrier: typeof answer.carrier === 'string' ? answer.carrier : 'error',
  faults: texts(answer.faults),
});

export function parseFaults(answer: JsonObject): readonly FaultView[] {
  return list(answer, 'faults').map((one) => ({
    id: text(one, 'id'),
    rows: texts(one.rows),
    parameters: isObject(one.parameters)
      ? Object.keys(one.parameters)
      : Array.isArray(one.parameters)
        ? one.parameters.flatMap((parameter: unknown) =>
            isObject(parameter) && typeof parameter.name === 'string' ? [parameter.name] : [],
          )
        : [],
  }));
}
