import { type DescribedFault, type DescribedParameter, describeFaults } from './catalogue.ts';

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}

function parameterText({ name, type, required, meaning, one_of, default: standard }: DescribedParameter): string {
  const kind = one_of ? one_of.map((choice) => `\`${choice}\``).join(', ') : type;
  const need = required ? 'required' : standard === undefined ? 'optional' : `default \`${standard}\``;
  return `\`${name}\` (${kind}; ${need}): ${meaning}`;
}

function line({ id, acts, narrowest, breaks, summary, rows, parameters }: DescribedFault): string {
  const cells = [
    `\`${id}\``,
    summary,
    acts.map((act) => `\`${act}\``).join(', '),
    `\`${narrowest}\``,
    breaks,
    parameters.map(parameterText).join('<br>'),
    rows.join(' '),
  ];
  return `| ${cells.map((text, index) => (index === 5 ? text : cell(text))).join(' | ')} |`;
}

/** The catalogue of faults as a table in Markdown, for the documentation. */
export function faultTable(): string {
  return [
    '| fault | what Emta does | acts on | narrowest scope | what it breaks | parameters | rows |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...describeFaults().map(line),
    '',
  ].join('\n');
}
