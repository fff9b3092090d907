import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findChromium, launchChromium, noChromium } from './chromium.ts';
import { samplesOf, serveSamples } from './sample-pages.ts';

const help = `Draws every sample page of views/ with Chromium.

  --out FOLDER   where the pictures go (default: .emta/screenshots)
  --only TEXT    pages whose "face/page/case" contains the text
  --lang fa|en   one language (default: both)
`;

const sizes = { phone: { width: 360, height: 740 }, desk: { width: 1280, height: 800 } } as const;

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: join('.emta', 'screenshots') },
    only: { type: 'string', default: '' },
    lang: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) process.stdout.write(help);
else await draw();

async function draw(): Promise<void> {
  const program = findChromium(process.env);
  if (program === undefined) throw new Error(noChromium);
  const samples = [...samplesOf('emta'), ...samplesOf('console')].filter((sample) =>
    `${sample.template}/${sample.name}`.includes(values.only),
  );
  const server = await serveSamples(samples);
  const browser = await launchChromium(program);
  mkdirSync(values.out, { recursive: true });
  for (const [size, viewport] of Object.entries(sizes)) {
    const page = await browser.newPage({ viewport });
    for (const lang of (['fa', 'en'] as const).filter((one) => values.lang === undefined || one === values.lang)) {
      for (const sample of samples) {
        await page.goto(server.address(sample, lang), { waitUntil: 'networkidle' });
        const file = `${sample.template.replace('/', '-')}-${sample.name}-${lang}-${size}.png`;
        await page.screenshot({ path: join(values.out, file), fullPage: true });
      }
    }
    await page.close();
  }
  await browser.close();
  await server.close();
  process.stdout.write(`${samples.length} samples drawn into ${values.out}\n`);
}
