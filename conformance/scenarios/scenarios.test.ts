import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parseExpression } from '../capabilities.ts';
import { loadCatalogue } from '../catalogue.ts';
import { connectEmta } from '../driver/emta-control.ts';
import type { FaultView } from '../driver/emta-wire.ts';
import { type EmbeddedEmta, startEmbeddedEmta } from '../embedded.ts';
import { outUnlessTls } from '../judge/matchers/session.ts';
import { scenarios } from './index.ts';
import type { Case, Step } from './scenario.ts';

let emta: EmbeddedEmta;
let faults: readonly FaultView[];
beforeAll(async () => {
  emta = await startEmbeddedEmta({ port: 0 });
  const control = connectEmta(emta.issuer);
  faults = await control.faults();
  control.close();
});
afterAll(() => emta.close());

const flat = (steps: readonly Step[]): readonly Step[] =>
  steps.flatMap((step) => [
    step,
    ...(step.do === 'together' ? step.branches.flatMap(flat) : 'then' in step ? flat(step.then) : []),
  ]);

const cases: readonly (readonly [id: string, kase: Case])[] = scenarios.flatMap(({ id, cases: some }) =>
  some.map((kase) => [id, kase] as const),
);
const armed = cases.flatMap(([id, { drive }]) =>
  flat(drive).flatMap((step) => (step.do === 'arm' ? [{ id, ...step }] : [])),
);

test('every row of the catalogue has its scenario, and no scenario is without a row', () => {
  expect(scenarios.map(({ id }) => id).toSorted()).toEqual(
    loadCatalogue()
      .map(({ id }) => id)
      .toSorted(),
  );
});

test('where Emta names another number, the citizen who is to be let in has typed that one beforehand', () => {
  const typed = (['D09', 'D10', 'M09'] as const).map((wanted) => {
    const steps = cases.flatMap(([id, { drive }]) => (id === wanted ? flat(drive) : []));
    const fault = steps.find((step) => step.do === 'arm');
    const login = steps.findLast((step) => step.do === 'login');
    return [fault?.do === 'arm' ? fault.parameters?.mobile : '', login?.do === 'login' ? login.typing?.mobile : ''];
  });
  expect(typed).toEqual([
    ['{A.mobile}', '{A.mobile}'],
    ['{B.mobile}', '{B.mobile}'],
    ['{A.mobile}', '{A.mobile}'],
  ]);
});

test('every fault that a scenario arms is one of Emta, with parameters it knows', () => {
  const wrong = armed.flatMap(({ id, fault, parameters = {} }) => {
    const known = faults.find((one) => one.id === fault);
    if (known === undefined) return [`${id}: ${fault}`];
    return Object.keys(parameters)
      .filter((name) => !known.parameters.includes(name))
      .map((name) => `${id}: ${fault} ${name}`);
  });
  expect(wrong).toEqual([]);
});

test('every fault of Emta that names rows is armed by a scenario, or by the run for the hostile issuer', () => {
  const used = new Set([...armed.map(({ fault }) => fault), 'authorization.passed_on']);
  expect(faults.filter(({ id, rows }) => rows.length > 0 && !used.has(id)).map(({ id }) => id)).toEqual([]);
});

test('every case names only citizens that it draws, and looks only at what its drive left', () => {
  const wrong = cases.flatMap(([id, kase]) =>
    flat(kase.drive).flatMap((step) => {
      const roles = [
        ...('as' in step ? [step.as] : []),
        ...(step.do === 'arm' && typeof step.for === 'object' ? [step.for.role] : []),
        ...('identity' in step && typeof step.identity === 'string' ? [step.identity] : []),
      ];
      return roles.filter((role) => !(role in kase.people)).map((role) => `${id} ${kase.label}: ${role}`);
    }),
  );
  expect(wrong).toEqual([]);
});

test('every case expects something, save those that others judge', () => {
  expect(cases.filter(([, kase]) => kase.expect.length === 0).map(([id]) => id)).toEqual(['A06']);
});

test('the exception for TLS is made for the signatures of OIDC Core 3.1.3.7 rule 6, and for nothing else', () => {
  const excepted = cases.filter(([, { expect: matchers }]) =>
    matchers.some(({ title }) => title === outUnlessTls().title),
  );
  expect([...new Set(excepted.map(([id]) => id))]).toEqual(['H24', 'H25', 'H26', 'H28', 'K04']);
});

test('no case needs more SMS codes of one citizen than Emta sends in an hour', () => {
  const most = 5;
  const counts = cases.flatMap(([id, { label, drive }]) => {
    const logins = new Map<string, number>();
    for (const step of flat(drive))
      if (step.do === 'login' || step.do === 'learn' || step.do === 'resume')
        logins.set(step.as, (logins.get(step.as) ?? 0) + 1);
    return [...logins].filter(([, count]) => count > most).map(([role, count]) => `${id} ${label}: ${role} ${count}`);
  });
  expect(counts).toEqual([]);
});

test('conditions of cases are expressions that the catalogue could hold', () => {
  for (const [, { when }] of cases) if (when !== undefined) expect(() => parseExpression(when)).not.toThrow();
});

test('whoever must not be signed in has an account that is known before, or a site that shows no names is accused', () => {
  const unknown = cases.flatMap(([id, { drive, expect: matchers }]) => {
    const known = flat(drive).flatMap((step) => (step.do === 'learn' ? [step.as] : []));
    const shunned = matchers.flatMap(({ title }) => /^(\w+) is not signed in$/.exec(title)?.[1] ?? []);
    return shunned.filter((role) => !known.includes(role)).map((role) => `${id} ${role}`);
  });
  expect(unknown).toEqual([]);
});
