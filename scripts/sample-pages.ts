import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { drawCaptcha } from '../provider/captcha/image.ts';
import type { Lang, Pages } from '../provider/http/pages.ts';
import { createRenderer } from '../provider/http/render.ts';
import { seededRandom } from '../provider/kernel/random.ts';

export const viewsDir = fileURLToPath(new URL('../views', import.meta.url));

/** One case of the sample models that lie beside the templates. */
export interface Sample<Name extends keyof Pages = keyof Pages> {
  readonly template: Name;
  readonly name: string;
  readonly model: Pages[Name];
}

/** Every sample of a face, in the order of its files. */
export function samplesOf(face: 'emta' | 'console'): readonly Sample[] {
  return readdirSync(join(viewsDir, face))
    .filter((file) => file.endsWith('.json'))
    .flatMap((file) => {
      // The render tests read each member of each sample, which is more than a type could promise of a file.
      const cases = JSON.parse(readFileSync(join(viewsDir, face, file), 'utf8')) as Record<string, Sample['model']>;
      const template = `${face}/${file.slice(0, -'.json'.length)}` as keyof Pages;
      return Object.entries(cases).map(([name, model]) => ({ template, name, model }));
    });
}

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** What Emta itself sends, so that a page which needs more than this shows it here. */
const contentSecurityPolicy =
  "default-src 'none'; style-src 'self'; script-src 'self'; font-src 'self'; img-src 'self'";

/** Serves samples at `/{lang}/{template}/{name}` on a free port of this machine. */
export async function serveSamples(samples: readonly Sample[]) {
  const renderer = createRenderer({ viewsDir, assetsPath: '/assets' });
  const picture = drawCaptcha('c29e2t', seededRandom('samples'));
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const sample = samples.find((one) => pathname.endsWith(`/${one.template}/${one.name}`));
    if (sample !== undefined) {
      const lang: Lang = pathname.startsWith('/en/') ? 'en' : 'fa';
      response.setHeader('content-security-policy', contentSecurityPolicy);
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.end(renderer.page(sample.template, lang, sample.model));
    } else if (pathname.startsWith('/assets/') && !pathname.includes('..')) {
      response.setHeader('content-type', types[extname(pathname)] ?? 'application/octet-stream');
      response.end(readFileSync(join(viewsDir, pathname)));
    } else if (pathname.endsWith('/captcha.svg')) {
      response.setHeader('content-type', 'image/svg+xml');
      response.end(picture);
    } else {
      response.statusCode = 404;
      response.end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: (sample: Sample, lang: Lang) => `http://127.0.0.1:${port}/${lang}/${sample.template}/${sample.name}`,
    close: () =>
      new Promise<void>((resolve, reject) => {
        server.closeAllConnections();
        server.close((error) => (error === undefined ? resolve() : reject(error)));
      }),
  };
}
