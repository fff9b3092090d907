import { addressIsClean, callbackStaysPrivate, staysHome } from '../judge/matchers/address.ts';
import { noSecondSession } from '../judge/matchers/cookies.ts';
import { redirectIsUnchanged } from '../judge/matchers/host.ts';
import { hostileGetsNothing } from '../judge/matchers/impostor.ts';
import { noServerError, tokenRequests } from '../judge/matchers/refusal.ts';
import { inAsOrOut, nothingOf, notInAs, oneOf, out, stillInAs } from '../judge/matchers/session.ts';
import { told } from '../told.ts';
import {
  begin,
  calibrated,
  deliver,
  drop,
  faulty,
  learn,
  login,
  look,
  refuse,
  row,
  set,
  take,
  theCase,
} from './parts.ts';
import type { CallbackChange, Case, Scenario } from './scenario.ts';

const attacked = { people: { A: {}, M: {} } };
/** The attacker goes through his own login and keeps the callback back. */
const weapon = login('M', { label: 'weapon', hold: true });
const whole: readonly CallbackChange[] = [];
const shapes: readonly (readonly [string, readonly CallbackChange[]])[] = [
  ['whole', whole],
  ['without state', [drop('state')]],
];

const softly = (label: string, fault: string, parameters?: { readonly value: string }): Case =>
  faulty(label, fault, parameters, [out('after', 'warn'), noServerError()]);

const evil = [
  '//evil.example/{mark}',
  '\\\\evil.example/{mark}',
  '/\\evil.example/{mark}',
  'https:evil.example/{mark}',
  '/%09/evil.example/{mark}',
  'https://{own_host}@evil.example/{mark}',
];
const address = 'https://evil.example/{mark}';

/** F · Callback: forgery, injection, mix-up, redirects. */
export const callbackScenarios: readonly Scenario[] = [
  row(
    'F01',
    shapes.map(([label, change]) =>
      theCase(
        label,
        [weapon, deliver('weapon', 'victim', 'attack', { change, by: 'attacker' }), look('victim')],
        [out()],
        attacked,
      ),
    ),
  ),
  row(
    'F02',
    shapes.map(([label, change]) =>
      theCase(
        label,
        [
          learn('M'),
          weapon,
          begin('A', 'pending', 'victim'),
          deliver('weapon', 'victim', 'attack', { change, by: 'attacker' }),
          look('victim'),
        ],
        [notInAs('M'), nothingOf('M', ['attack', 'after'])],
        attacked,
      ),
    ),
  ),
  row(
    'F03',
    shapes.map(([label, change]) =>
      theCase(
        label,
        [
          learn('A'),
          learn('M'),
          weapon,
          login('A', { jar: 'victim' }),
          look('victim', 'before'),
          deliver('weapon', 'victim', 'attack', { change, by: 'attacker' }),
          look('victim'),
        ],
        [notInAs('M'), stillInAs('A', 'before', 'after', 'warn'), nothingOf('M', ['attack', 'after'])],
        attacked,
      ),
    ),
  ),
  row(
    'F04',
    theCase(
      '',
      [
        learn('M'),
        weapon,
        login('A', { jar: 'victim', label: 'own', hold: true }),
        deliver('own', 'victim', 'attack', { change: [take('code', 'weapon')] }),
        look('victim'),
      ],
      [notInAs('M'), nothingOf('M', ['attack', 'after'])],
      attacked,
    ),
  ),
  row('F05', softly('', 'authorization.state_altered')),
  row('F06', softly('', 'authorization.state_missing')),
  row('F07', [softly('empty', 'authorization.state_empty'), softly('twice', 'authorization.state_twice')]),
  row(
    'F08',
    theCase(
      '',
      [
        login('A', { hold: true }),
        deliver('login', 'a', 'first'),
        { do: 'note-cookies', jar: 'a', label: 'signed-in' },
        look('a', 'before'),
        { do: 'note-cookies', jar: 'a', label: 'rested' },
        deliver('login', 'a', 'second'),
        { do: 'note-cookies', jar: 'a', label: 'replayed' },
        look(),
        { do: 'try-without-each', jar: 'a', label: 'trials' },
      ],
      [
        inAsOrOut('A'),
        noServerError('second'),
        noSecondSession('trials', { first: 'first', second: 'second' }),
        tokenRequests(1, told`no second token request`, undefined, 'warn'),
      ],
    ),
  ),
  row('F09', [
    theCase(
      'after logout',
      [
        login('A', { hold: true }),
        deliver('login', 'a', 'first'),
        look('a', 'before'),
        { do: 'logout', jar: 'a', label: 'logout' },
        deliver('login', 'a', 'second'),
        look(),
      ],
      [out()],
      { when: 'logout_url' },
    ),
    theCase(
      'after the cookies are cleared',
      [
        login('A', { hold: true }),
        deliver('login', 'a', 'first'),
        look('a', 'before'),
        { do: 'forget-session', jar: 'a' },
        deliver('login', 'a', 'second'),
        look(),
      ],
      [out()],
    ),
  ]),
  row('F10', faulty('', 'authorization.iss_other', undefined, [out(), tokenRequests(0)])),
  row('F11', faulty('', 'authorization.iss_missing', undefined, [out(), tokenRequests(0)])),
  row('F12', [
    faulty('a trailing slash', 'authorization.iss_trailing_slash', undefined, [out()]),
    faulty('other letter case', 'authorization.iss_other_case', undefined, [out()]),
  ]),
  row(
    'F13',
    theCase(
      '',
      [{ do: 'relaunch', with: 'second-issuer' }, login('A', { from: 'second-issuer' }), look()],
      [hostileGetsNothing],
    ),
    'last',
  ),
  row('F14', [
    ...evil.map((value) =>
      theCase(value.replace('{mark}', '…'), [login('A', { query: { '*': value } })], [staysHome()]),
    ),
    // the way out of a refusal is often another piece of the site than the way on from a login
    ...evil
      .slice(0, 2)
      .map((value) =>
        theCase(`${value.replace('{mark}', '…')}, refused`, [refuse('A', { query: { '*': value } })], [staysHome()]),
      ),
  ]),
  row('F15', [
    theCase(
      'an address in place of the state',
      [login('A', { label: 'held', hold: true }), deliver('held', 'a', 'login', { change: [set('state', address)] })],
      [staysHome()],
    ),
    theCase(
      'an address inside the state',
      [
        login('A', { label: 'held', hold: true }),
        deliver('held', 'a', 'login', { change: [{ kind: 'graft', parameter: 'state', address }] }),
      ],
      [staysHome()],
    ),
    theCase(
      'a path of another host inside the state',
      [
        login('A', { label: 'held', hold: true }),
        deliver('held', 'a', 'login', {
          change: [{ kind: 'graft', parameter: 'state', address: '//evil.example/{mark}' }],
        }),
      ],
      [staysHome()],
    ),
  ]),
  row(
    'F16',
    (['host', 'x-forwarded-host'] as const).map((name) =>
      theCase(
        name,
        [
          {
            do: 'begin',
            jar: 'a',
            as: 'A',
            label: 'login',
            headers: { [name]: 'evil.example', ...(name === 'host' ? {} : { forwarded: 'host=evil.example' }) },
          },
        ],
        [redirectIsUnchanged('login')],
      ),
    ),
  ),
  row(
    'F17',
    theCase(
      '',
      [
        login('A', { hold: true }),
        deliver('login', 'a', 'head', { method: 'HEAD' }),
        look('a'),
        deliver('login', 'a', 'post', { method: 'POST' }),
      ],
      [out(), noServerError('post')],
    ),
  ),
  row(
    'F18',
    theCase(
      '',
      [
        learn('A'),
        learn('B'),
        begin('A', 'one', 'tab'),
        begin('B', 'two', 'tab'),
        { do: 'resume', jar: 'tab', of: 'two', as: 'B', label: 'login.b' },
        look('tab', 'after.b'),
        { do: 'resume', jar: 'tab', of: 'one', as: 'A', label: 'login.a' },
        look('tab', 'after.a'),
      ],
      [inAsOrOut('B', 'after.b'), oneOf(['A', 'B'], ['after.b', 'after.a'])],
      { people: { A: {}, B: {} } },
    ),
  ),
  calibrated('F19', [callbackStaysPrivate('login')]),
  calibrated('F20', [addressIsClean('login')]),
  row('F21', [
    theCase(
      'with a made-up state',
      [
        weapon,
        deliver('weapon', 'victim', 'attack', { change: [set('state', 'made-up-{mark}')], by: 'attacker' }),
        look('victim'),
      ],
      [out()],
      attacked,
    ),
    theCase(
      'without state',
      [
        weapon,
        deliver('weapon', 'victim', 'attack', { change: [drop('state'), drop('iss')], by: 'attacker' }),
        look('victim'),
      ],
      [out()],
      attacked,
    ),
  ]),
  row(
    'F22',
    theCase(
      '',
      [login('A', { query: { iss: '{issuer}', login_hint: 'somebody', target_link_uri: address } })],
      [staysHome()],
    ),
  ),
];
