import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { asked } from './asked.ts';
import { findChromium, launchChromium, noChromium } from './chromium.ts';
import { type SamplePage, samplePages, serveSamples } from './sample-pages.ts';

const help = `Draws every sample page of views/ with Chromium.

  --out FOLDER   where the pictures go (default: .emta/screenshots)
  --only TEXT    pages whose "face/page/case" contains the text
  --lang fa|en   one language (default: both)
  --readme       instead, the few small pictures of the README, into scripts/pictures
  --look TEXT    looks whose name contains the text: phone, desk, phone-dark, desk-dark, narrow
`;

interface Look {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly scheme: 'light' | 'dark';
  readonly of: (page: SamplePage) => boolean;
}

const isConsole = (page: SamplePage) => page.template.startsWith('console/');
const phone = { width: 360, height: 740 } as const;
const desk = { width: 1280, height: 800 } as const;
/** The console alone has a dark face, because developers keep it open. 320 pixels are also 640 at a zoom of 200 %. */
const looks: readonly Look[] = [
  { name: 'phone', ...phone, scheme: 'light', of: () => true },
  { name: 'desk', ...desk, scheme: 'light', of: () => true },
  { name: 'phone-dark', ...phone, scheme: 'dark', of: isConsole },
  { name: 'desk-dark', ...desk, scheme: 'dark', of: isConsole },
  { name: 'narrow', width: 320, height: 640, scheme: 'light', of: (page) => !isConsole(page) },
];

const readmePictures = {
  'sale-site': ['sale-site/signin', 'empty', 'fa', 880, 400],
  verification: ['emta/verification', 'wrong', 'fa', 360, 640],
  consent: ['emta/consent', 'plain', 'fa', 360, 640],
  mismatch: ['emta/error', 'ownership', 'fa', 360, 550],
  console: ['console/live', 'plain', 'en', 880, 440],
} as const;

const { values } = asked(help, {
  options: {
    out: { type: 'string', default: join('.emta', 'screenshots') },
    only: { type: 'string', default: '' },
    lang: { type: 'string' },
    look: { type: 'string', default: '' },
    readme: { type: 'boolean', default: false },
  },
});
await (values.readme ? drawReadme() : draw());

async function browserOrNone() {
  const program = findChromium(process.env);
  if (program === undefined) throw new Error(noChromium);
  return launchChromium(program);
}

/** Each is small enough to stand in the repository: a screenful, no more. */
async function drawReadme(): Promise<void> {
  const out = join('scripts', 'pictures');
  const pages = samplePages();
  const server = await serveSamples(pages);
  const browser = await browserOrNone();
  mkdirSync(out, { recursive: true });
  for (const [picture, [template, name, lang, width, height]] of Object.entries(readmePictures)) {
    const page = pages.find((one) => one.template === template && one.name === name);
    if (page === undefined) throw new Error(`expected a sample "${name}" of ${template}`);
    const tab = await browser.newPage({ viewport: { width, height } });
    await tab.goto(server.address(page, lang), { waitUntil: 'load' });
    await tab.evaluate('document.fonts.ready');
    await tab.screenshot({ path: join(out, `${picture}.png`) });
    await tab.close();
  }
  await browser.close();
  await server.close();
  process.stdout.write(`${Object.keys(readmePictures).length} pictures drawn into ${out}\n`);
}

async function draw(): Promise<void> {
  const pages = samplePages().filter(({ template, name }) => `${template}/${name}`.includes(values.only));
  const server = await serveSamples(pages);
  const browser = await browserOrNone();
  mkdirSync(values.out, { recursive: true });
  for (const look of looks.filter(({ name }) => name.includes(values.look))) {
    const tab = await browser.newPage({ viewport: look, colorScheme: look.scheme });
    // The page that posts itself would be gone before it could be drawn.
    await tab.route('**/submit-now.js*', (route) => route.fulfill({ contentType: 'text/javascript', body: '' }));
    for (const page of pages.filter(look.of)) {
      for (const lang of page.languages.filter((one) => values.lang === undefined || one === values.lang)) {
        await tab.goto(server.address(page, lang), { waitUntil: 'load' });
        await tab.evaluate('document.fonts.ready');
        const file = `${page.template.replace('/', '-')}-${page.name}-${lang}-${look.name}.png`;
        await tab.screenshot({ path: join(values.out, file), fullPage: true });
      }
    }
    await tab.close();
  }
  await browser.close();
  await server.close();
  process.stdout.write(`${pages.length} samples drawn into ${values.out}\n`);
}
