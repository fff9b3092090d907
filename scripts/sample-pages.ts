import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PageModels } from '../conformance/sale-site/page-models.ts';
import { createPages } from '../conformance/sale-site/pages.ts';
import { captchaPicture } from '../conformance/sale-site/registration/captcha-picture.ts';
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

/** Every sample of a face of Emta, in the order of its files. */
export function samplesOf(face: 'emta' | 'console'): readonly Sample[] {
  // The render tests read each member of each sample, which is more than a type could promise of a file.
  return casesOf(face).map(({ page, name, model }) => ({
    template: `${face}/${page}` as keyof Pages,
    name,
    model: model as Sample['model'],
  }));
}

/** A page of any of the three faces, ready to be drawn. */
export interface SamplePage {
  /** Folder and name of the template. */
  readonly template: string;
  readonly name: string;
  readonly languages: readonly Lang[];
  html(lang: Lang): string;
}

/** Every sample of Emta, of the console and of the sale site, which speaks Persian alone; drawn by the templates of `views`. */
export function samplePages(views = viewsDir): readonly SamplePage[] {
  const emta = createRenderer({ viewsDir: views, assetsPath: '/assets' });
  const site = createPages({ isEscaped: true, views });
  return [
    ...[...samplesOf('emta'), ...samplesOf('console')].map(
      ({ template, name, model }): SamplePage => ({
        template,
        name,
        languages: ['fa', 'en'],
        html: (lang) => emta.page(template, lang, model),
      }),
    ),
    ...casesOf('sale-site').map(
      ({ page, name, model }): SamplePage => ({
        template: `sale-site/${page}`,
        name,
        languages: ['fa'],
        html: () => site.page(page as keyof PageModels, model as PageModels[keyof PageModels]),
      }),
    ),
  ];
}

function casesOf(face: string) {
  return readdirSync(join(viewsDir, face))
    .filter((file) => file.endsWith('.json'))
    .flatMap((file) => {
      const cases = JSON.parse(readFileSync(join(viewsDir, face, file), 'utf8')) as Record<string, unknown>;
      return Object.entries(cases).map(([name, model]) => ({ page: file.slice(0, -'.json'.length), name, model }));
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

/** Serves sample pages at `/{lang}/{template}/{name}` on a free port of this machine. */
export async function serveSamples(pages: readonly SamplePage[]) {
  const pictures: Readonly<Record<string, string>> = {
    'captcha.svg': drawCaptcha('c29e2t', seededRandom('samples')),
    'picture.svg': captchaPicture('c29e2t', wobble()),
  };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const page = pages.find((one) => pathname.endsWith(`/${one.template}/${one.name}`));
    const picture = pictures[pathname.slice(pathname.lastIndexOf('/') + 1)];
    if (page !== undefined) {
      const lang: Lang = pathname.startsWith('/en/') ? 'en' : 'fa';
      response.setHeader('content-security-policy', contentSecurityPolicy);
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.end(page.html(lang));
    } else if (pathname.startsWith('/assets/') && !pathname.includes('..')) {
      response.setHeader('content-type', types[extname(pathname)] ?? 'application/octet-stream');
      response.end(readFileSync(join(viewsDir, pathname)));
    } else if (picture !== undefined) {
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
    address: (page: SamplePage, lang: Lang) => `http://127.0.0.1:${port}/${lang}/${page.template}/${page.name}`,
    close: () =>
      new Promise<void>((resolve, reject) => {
        server.closeAllConnections();
        server.close((error) => (error === undefined ? resolve() : reject(error)));
      }),
  };
}

/** Bytes for the site's picture that are the same each time. */
function wobble() {
  let last = 0;
  const next = () => {
    last = (last + 97) % 256;
    return last;
  };
  return { bytes: (length: number) => Uint8Array.from({ length }, next) };
}
