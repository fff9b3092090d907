import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadCatalogue } from '../conformance/catalogue.ts';
import { personas } from '../fixtures/personas.ts';
import { describeFaults } from '../provider/faults/catalogue.ts';
import { errorKinds } from '../provider/kernel/errors.ts';
import { relaxations } from '../provider/oidc/strictness.ts';
import { defaultRules } from '../provider/steps/rules.ts';
import type { Table } from './fill-tables.ts';
import { fieldsOf } from './interface-fields.ts';

/** The README's tables, each from the place that the code itself goes by. */
export function documentedTables(root: string): Readonly<Record<string, Table>> {
  const source = (file: string): string => readFileSync(join(root, file), 'utf8');
  return {
    options: [
      ['option', 'type', 'what'],
      ...fieldsOf(source('provider/options.ts'), 'EmtaOptions').map(({ name, type, comment }) => [
        code(name),
        code(type),
        comment,
      ]),
    ],
    rules: [
      ['rule', 'default', 'what'],
      ...fieldsOf(source('provider/steps/rules.ts'), 'JourneyRules').map(({ name, comment }) => [
        code(name),
        code(String(Reflect.get(defaultRules, name))),
        comment,
      ]),
    ],
    relaxations: [
      ['name', 'what is checked unless it is relaxed'],
      ...Object.entries(relaxations).map(([name, what]) => [code(name), what]),
    ],
    errors: [
      ['code', 'HTTP', 'when'],
      ...Object.entries(errorKinds).map(([name, { status, summary }]) => [code(name), String(status), summary]),
    ],
    personas: [
      ['id', 'mobile', 'national code', 'born', 'why', 'ends at the sale site on'],
      ...personas({ now: () => Date.UTC(2025, 0, 1) }).map(({ id, reason, typed, expected }) => [
        code(id),
        code(typed.mobile.replace('+98', '0')),
        code(typed.nationalCode),
        // The one birth date that moves from day to day.
        id === 'just-18' ? '18 years ago today' : Object.values(typed.birth).join('/'),
        reason,
        code(expected.site),
      ]),
    ],
    faults: [
      ['id', 'what it does', 'breaks', 'rows'],
      ...describeFaults().map(({ id, summary, breaks, rows }) => [code(id), summary, breaks, rows.join(' ')]),
    ],
    rows: [
      ['row', 'the relying party …', 'severity', 'profile'],
      ...loadCatalogue().map(({ id, title, severity, profile }) => [id, title, severity, profile]),
    ],
  };
}

function code(text: string): string {
  return `\`${text}\``;
}
