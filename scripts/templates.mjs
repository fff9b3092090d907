// Compiles the templates of dist/views to one script beside them: a process would take longer to read and compile the
// few that a first page needs than to draw it. The report's keep their source, since few processes draw a report.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import nunjucks from 'nunjucks';
import { root } from './set-up.mjs';

export function compileTemplates(views = join(root, 'dist', 'views')) {
  // What tells a compiler how to read a template is the same for both that draw them: provider/http and the sale site.
  const env = new nunjucks.Environment([], { throwOnUndefined: true, trimBlocks: true, lstripBlocks: true });
  const script = nunjucks.precompile(views, {
    env,
    include: [/\.njk$/],
    exclude: [/^report\/$/],
    wrapper: (templates) => templates.map(({ name, template }) => exported(name, template)).join('\n'),
  });
  writeFileSync(join(views, 'templates.cjs'), script);
}

function exported(name, template) {
  return `exports[${JSON.stringify(name)}] = (() => {\n${template}\n})();`;
}
