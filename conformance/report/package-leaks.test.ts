import { generateKeyPairSync } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { strToU8, unzipSync } from 'fflate';
import type { Person } from '../driver/person.ts';
import { leaksIn } from '../test/leaks.ts';
import { leastFile, madeRun } from '../test/made-run.ts';
import { madePerson } from '../test/made-seen.ts';
import { certifySaleSite } from '../test/sale-site-run.ts';
import { packageReport } from './package-report.ts';
import { makeReport, type ReportInput, serializeReport } from './report.ts';
import { signReport } from './signature.ts';

const { privateKey } = generateKeyPairSync('ed25519');

function filesOf(input: ReportInput, ownerFile: string): Readonly<Record<string, Uint8Array>> {
  const report = makeReport(input);
  const text = serializeReport(report);
  return unzipSync(packageReport({ report, text, sign: (one) => signReport(one, privateKey), ownerFile }));
}

const secret = 'made-up-secret-of-the-sale-site';
const person = madePerson({ subject: 'Zk3vQ9pLm2xTyUw', fatherName: 'هوشنگ' });

/** A picture of one dot with a comment in it. */
function jpegWith(comment: string): Uint8Array {
  const words = Buffer.from(comment);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(words.length + 2);
  return Buffer.concat([Buffer.from('ffd8fffe', 'hex'), length, words, Buffer.from('ffda0002ffd9', 'hex')]);
}

function pngWith(kind: 'tEXt' | 'zTXt', words: string): Uint8Array {
  const text =
    kind === 'tEXt' ? Buffer.from(words) : Buffer.concat([Buffer.from([0]), deflateSync(Buffer.from(words))]);
  const data = Buffer.concat([Buffer.from('Comment'), Buffer.from([0]), text]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), length, Buffer.from(kind), data, Buffer.alloc(4)]);
}

const base64 = (text: string) => Buffer.from(text).toString('base64');
const name = 'مریم رستگار';

describe('the sweep finds', () => {
  const planted: readonly (readonly [how: string, content: string | Uint8Array, leak: string])[] = [
    ['a name as it is', `<p>${name}</p>`, 'full name, مریم رستگار'],
    ['a name in Arabic letters', 'خانم مريم رستگار', 'full name, مریم رستگار'],
    [
      'a name as JSON may write it',
      JSON.stringify(name).replaceAll(/[\u0600-\u06ff]/g, (letter) => `\\u0${letter.charCodeAt(0).toString(16)}`),
      'full name, مریم رستگار',
    ],
    [
      'a name as HTML may write it',
      [...name].map((letter) => `&#${letter.charCodeAt(0)};`).join(''),
      'full name, مریم رستگار',
    ],
    ['a name in an address', `/cb?name=${encodeURIComponent(name)}`, 'full name, مریم رستگار'],
    ['a name in base64', `{"h":"${base64(`{"given":"${name}"}`)}"}`, 'full name, مریم رستگار'],
    [
      'a name in a token',
      `e30.${Buffer.from(`{"name":"${name}"}`).toString('base64url')}.c2ln`,
      'full name, مریم رستگار',
    ],
    ['a name in base64 in an address', `?x=${encodeURIComponent(base64(`hello ${name}`))}`, 'full name, مریم رستگار'],
    ['a national code in Persian digits', 'کد ملی ۹۹۹۱۰۰۱۰۱۸', 'national code, 9991001018'],
    ['a number with blanks', '0912 123 4567', 'mobile number, +989121234567'],
    ['a birth date', 'متولد ۱۷ آبان ۱۳۶۹', 'birth date, 1369/08/17'],
    ['a subject', '{"sub":"Zk3vQ9pLm2xTyUw"}', 'subject, Zk3vQ9pLm2xTyUw'],
    ['a secret', `client_secret=${secret}`, `secret, ${secret}`],
    ['a secret beside its client in base64', `Basic ${base64(`shop:${secret}`)}`, `secret, ${secret}`],
    ['a name in the comment of a JPEG', jpegWith(name), 'full name, مریم رستگار'],
    ['a name in a text of a PNG', pngWith('tEXt', name), 'full name, مریم رستگار'],
    ['a secret in a packed text of a PNG', pngWith('zTXt', secret), `secret, ${secret}`],
    [
      'a name in a picture within the page',
      `<img src="data:image/jpeg;base64,${base64('').concat(Buffer.from(jpegWith(name)).toString('base64'))}">`,
      'full name, مریم رستگار',
    ],
  ];

  test.each(planted)('%s', (_how, content, leak) => {
    const files = { 'a.txt': typeof content === 'string' ? strToU8(content) : content };
    expect(leaksIn(files, [person], [secret])).toContain(`a.txt: ${leak}`);
    expect(leaksIn({ 'a.txt': strToU8('nothing of the kind, 0912***4567') }, [person], [secret])).toEqual([]);
  });
});

describe('a package', () => {
  const ownerFile = JSON.stringify({ ...leastFile, client: { ...leastFile.client, client_secret: secret } });

  test('holds no secret of the file, wherever it stands in it', () => {
    expect(leaksIn(filesOf(madeRun(), ownerFile), [person], [secret])).toEqual([]);
  });

  test('with a value planted in what a site showed is caught in each file that tells it', () => {
    const run = madeRun();
    const verdicts = run.verdicts.map((verdict) => ({
      ...verdict,
      cases: (verdict.cases ?? []).map((kase) => ({
        ...kase,
        page: { url: 'http://127.0.0.1:8080/', status: 200, title: 'Welcome', text: `Welcome, ${name}` },
      })),
    }));
    const leaks = leaksIn(filesOf({ ...run, verdicts }, ownerFile), [person], [secret]);
    for (const file of ['report.json', 'report.html', 'evidence/C01.json'])
      expect(leaks).toContain(`${file}: full name, مریم رستگار`);
  });

  describe('of a run of the sale site', () => {
    const only = [
      'A02',
      'A03',
      'B10',
      'B11',
      'C01',
      'C07',
      'C23',
      'D01',
      'D08',
      'D09',
      'D13',
      'E08',
      'I01',
      'J05',
      'L03',
      'R02',
      'R03',
    ];
    let people: readonly Person[] = [];
    let files: Readonly<Record<string, Uint8Array>> = {};
    beforeAll(async () => {
      const run = await certifySaleSite({ only });
      people = run.people;
      const made = madeRun();
      files = filesOf(
        {
          ...made,
          rows: made.rows.filter(({ id }) => only.includes(id)),
          verdicts: [...run.verdicts.values()],
          facts: run.facts,
        },
        ownerFile,
      );
    });

    test('tells of none of the citizens who were in it', () => {
      expect(people.length).toBeGreaterThan(20);
      expect(Object.keys(files)).toContain('evidence/A02.json');
      expect(leaksIn(files, people, [secret])).toEqual([]);
    });
  });
});
