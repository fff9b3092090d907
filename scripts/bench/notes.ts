/** What somebody wrote below a table, between two comments that a reader does not see. */
const note = /<!-- note -->[\s\S]*?<!-- \/note -->/g;

/** A page measured anew, with the notes of the page before under the same headings. A note without a heading is an error. */
export function withNotesOf(before: string, page: string): string {
  const notes = new Map(sectionsOf(before).map((section) => [titleOf(section), section.match(note) ?? []]));
  const sections = sectionsOf(page).map((section) => {
    const kept = notes.get(titleOf(section)) ?? [];
    notes.delete(titleOf(section));
    return [section.trimEnd(), ...kept].join('\n\n');
  });
  const homeless = [...notes].find(([, kept]) => kept.length > 0);
  if (homeless) throw new Error(`expected a section "${homeless[0]}" for the note that stands there, got none`);
  return `${sections.join('\n\n')}\n`;
}

function sectionsOf(page: string): readonly string[] {
  return page.split(/^(?=## )/m);
}

function titleOf(section: string): string {
  return /^## (.*)/.exec(section)?.[1] ?? 'the top';
}
