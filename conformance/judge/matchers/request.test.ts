import { expect, test } from '@jest/globals';
import { emta, madeSeen, madeTrace, shop } from '../../test/made-seen.ts';
import { arrivesAtEmta } from './request.ts';

const first = (trace: ReturnType<typeof madeTrace>) =>
  arrivesAtEmta('first', 3).match(madeSeen({ traces: { first: trace } }))[0]?.observed.en;

test('where no authorization request comes, it says what came and what to write in the file', () => {
  const form = '<title>Login</title><form method="post" action="/x"><button>Emta</button></form>';
  expect(first(madeTrace(`${shop}/login`, form))).toContain(
    `"start_url": { "url": "${shop}/login", "method": "POST" }`,
  );
  expect(first(madeTrace(`${shop}/login`, '<p>oops', { status: 500 }))).toBe(
    `none, but status 500; the site must reach the discovery or the endpoints of ${emta} when it starts a login`,
  );
  expect(first(madeTrace(`${shop}/`, '<title>Shop</title><a href="/login">Log in</a>'))).toBe(
    'none, but «Shop»; name the address that its link to the login leads to',
  );
  const away = {
    ...madeTrace(`${shop}/login`, ''),
    ending: { kind: 'off-limits', url: 'https://emta.example/', cause: 'redirect' } as const,
  };
  expect(first(away)).toBe(
    `none: the browser was sent off to https://emta.example/; configure the site with the issuer ${emta}`,
  );
});
