import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type EmbeddedEmta, startEmbeddedEmta } from '../embedded.ts';
import { parseRelyingParty } from '../rp-file.ts';
import { plainWithSimpleOauth2 } from './rps/plain.ts';
import { judge } from './staged-site.ts';

let emta: EmbeddedEmta;
beforeAll(async () => {
  emta = await startEmbeddedEmta({ port: 0 });
});
afterAll(() => emta.close());

test.each([
  ['client_secret', 'another-secret', /turned POST .*token away: wrong secret .*compare "client" in the file/],
  [
    'redirect_uris',
    ['http://localhost:1/elsewhere'],
    /turned GET .*authorize away: redirect uri unregistered .*, got .*/,
  ],
])(
  'a file whose %s is not what the site is set to is told by what Emta said',
  async (member, value, words) => {
    const clientId = `wrong-${member}`.replace('_', '-');
    const made = { issuer: emta.issuer, clientId, clientSecret: 'made-up-secret', port: 0 };
    const { close, ...file } = await plainWithSimpleOauth2.start(made);
    try {
      const wrong = { ...file, client: { ...file.client, [member]: value } };
      const { verdicts } = await judge(parseRelyingParty(JSON.stringify(wrong), 'emta-rp.json'), emta, ['A02']);
      expect(verdicts.map(({ id, verdict, because }) => [id, verdict, because.en])).toEqual([
        ['A02', 'fail', expect.stringMatching(words)],
      ]);
    } finally {
      await close();
    }
  },
  60_000,
);
