import { expect, test } from '@jest/globals';
import { relaxations } from '../oidc/strictness.ts';
import { freshEmta, type Parameters, site } from './fresh-emta.ts';
import { returned, visitorOf } from './visitor.ts';
import { basic, clientOf, codeFor, redeem } from './wire.ts';

type Relaxation = keyof typeof relaxations;
const names = Object.keys(relaxations) as Relaxation[];
const app = clientOf('app', { client_secret: undefined, token_endpoint_auth_method: 'none' });

/** What each check refuses: a request to authorize, or one for tokens. */
const breaches: Readonly<Record<Relaxation, (emta: Awaited<ReturnType<typeof freshEmta>>) => Promise<boolean>>> = {
  'request-binding': (emta) => begins(emta, { state: undefined, nonce: undefined }),
  pkce: (emta) => begins(emta, { client_id: 'app' }),
  'redirect-uri': (emta) => begins(emta, { redirect_uri: undefined }),
  scope: (emta) => begins(emta, { scope: 'openid user:everything user:primaryEmail' }),
  async 'client-auth-method'(emta) {
    const none = { client_id: undefined, client_secret: undefined };
    const answer = await redeem(emta, await codeFor(emta), none, basic(site.client_id, site.client_secret ?? ''));
    return answer.status === 200;
  },
};

async function begins(emta: Awaited<ReturnType<typeof freshEmta>>, params: Parameters): Promise<boolean> {
  return (await visitorOf(emta, 'plain-man').begin(params)).page === 'mobile';
}

test.each(names)('refuses what breaks %s, unless that check is off', async (name) => {
  const strict = await freshEmta({ clients: [site, app] });
  expect(await breaches[name](strict)).toBe(false);
  const lenient = await freshEmta({ clients: [site, app], relax: [name] });
  expect(await breaches[name](lenient)).toBe(true);
  expect(await lenient.control('get', '/')).toMatchObject({ relaxed: [name] });
  const { entries } = await lenient.control('get', '/journal');
  expect(entries[0]).toMatchObject({ kind: 'start', data: { relaxed: [name] } });
});

test.each(names)('keeps the other checks on where %s is off', async (name) => {
  const emta = await freshEmta({ clients: [site, app], relax: [name] });
  for (const other of names.filter((one) => one !== name)) {
    expect([other, await breaches[other](emta)]).toEqual([other, false]);
  }
});

test.each(names)('takes %s off for one client alone', async (name) => {
  const others = { client_id: 'other', redirect_uris: site.redirect_uris };
  const emta = await freshEmta({
    clients: [
      { ...site, emta_relax: [name] },
      { ...app, emta_relax: [name] },
      clientOf('other', { ...others, emta_relax: [] }),
    ],
  });
  expect(await breaches[name](emta)).toBe(true);
  const strict = await emta
    .browser()
    .open(emta.authorizationUrl({ client_id: 'other', state: undefined, nonce: undefined }));
  expect(returned(strict).error).toBe('invalid_request');
});

test('takes a token request without its redirect URI only where that check is off', async () => {
  const lenient = await freshEmta({ relax: ['redirect-uri'] });
  expect((await redeem(lenient, await codeFor(lenient), { redirect_uri: undefined })).status).toBe(200);
});
