import type { Router } from '@koa/router';
import type { Context } from 'koa';
import { nationalMobile } from '../mobile.ts';
import { maskNationalCode } from '../national-code.ts';
import type { Fact } from '../page-models.ts';
import { goTo, type Person, personOf, type Site, sessionOf, show } from '../site.ts';

/** The page that is the citizen's own, and the same facts for machines. */
export function addAccountRoutes(router: Router, site: Site): void {
  router.get('/account', (ctx) => {
    const person = personOf(sessionOf(ctx, site), site);
    if (person === undefined) return goTo(ctx, '/');
    show(ctx, site, 'account', {
      name: person.name,
      isRegistered: person.account !== undefined,
      facts: factsOf(person, site),
    });
  });
  router.get('/api/me', (ctx) =>
    answer(ctx, site, (person) => ({ id: person.id, name: person.name, registered: person.account !== undefined })),
  );
  router.get('/api/mobile', (ctx) =>
    answer(ctx, site, (person) => (person.mobile === '' ? undefined : { mobile: person.mobile, verified: true })),
  );
}

function factsOf(person: Person, site: Site): readonly Fact[] {
  const fact = (key: string, text: string): Fact => ({ term: site.pages.text({ key }), text, ltr: true });
  return [
    fact('site.info.national_code', maskNationalCode(person.nationalCode)),
    // Whole, because the citizen must see that it is the right one.
    ...(person.mobile === '' ? [] : [fact('site.account.mobile', nationalMobile(person.mobile))]),
  ];
}

/** 401 when nobody is signed in, 404 when there is nothing to tell of somebody who is. */
function answer(ctx: Context, site: Site, tell: (person: Person) => object | undefined): void {
  const person = personOf(sessionOf(ctx, site), site);
  const told = person === undefined ? undefined : tell(person);
  ctx.status = person === undefined ? 401 : told === undefined ? 404 : 200;
  ctx.body = told ?? { error: person === undefined ? 'anonymous' : 'not_verified' };
}
