import type { Setting, TriedLink } from '../observe/seen.ts';
import type { Jar } from './jar.ts';
import type { Page } from './page.ts';
import type { Person } from './person.ts';
import { typedBy, typedInto } from './site-driver.ts';
import { submission, type Trace, type UserAgent } from './user-agent.ts';

/** Follows what a page offers that stays with the relying party, ten at the most, each with a copy of the jar. */
export async function tryLinks(
  page: Page,
  jar: Jar,
  agent: UserAgent,
  { origins, emtaOrigin, rp }: Pick<Setting, 'origins' | 'emtaOrigin' | 'rp'>,
  visitor: Person | undefined,
): Promise<readonly TriedLink[]> {
  const targets = [
    ...page.links.map(({ href, text }) => ({
      request: { method: 'GET' as const, url: href.split('#', 1)[0] ?? href },
      text,
    })),
    ...page.forms.map((form) => ({
      request: submission(form, visitor === undefined ? {} : typedInto(form, rp.start, typedBy(visitor))),
      text: form.text || (form.fields.find(({ type }) => type === 'submit')?.label ?? ''),
    })),
  ].filter(({ request }) => /^https?:/.test(request.url) && origins.includes(new URL(request.url).origin));
  const tried: TriedLink[] = [];
  for (const { request, text } of targets.slice(0, 10)) {
    if (tried.some(({ href }) => href === request.url)) continue;
    const trace = await agent.visit(await jar.copy(), request, {
      from: page.url,
      cause: request.method === 'POST' ? 'form' : 'link',
      holdBefore: ({ url }) => new URL(url).origin === emtaOrigin,
      hops: 5,
    });
    tried.push({ href: request.url, text, leadsTo: endOf(trace) });
  }
  return tried;
}

function endOf({ ending, page }: Trace): TriedLink['leadsTo'] {
  if (ending.kind === 'held') return 'emta';
  return ending.kind === 'page' && (page?.status ?? 500) < 500 ? 'page' : 'elsewhere';
}
