import { existsSync, readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ConformanceError } from '../errors.ts';
import { isObject } from './ask-emta.ts';

/** A configuration file, read. */
export interface ConfigFile {
  readonly path: string;
  readonly name: string;
  readonly content: Readonly<Record<string, unknown>>;
}

const NAMES = ['emta.config.json', 'emta.config.ts', 'emta.config.js', 'emta.config.mjs'];

/** The file that is named, else the one that stands in the folder, else none. Throws with what is wrong in it. */
export async function readConfigFile(named: string | undefined, folder: string): Promise<ConfigFile | undefined> {
  const found = NAMES.filter((name) => existsSync(join(folder, name)));
  if (named === undefined && found.length > 1) {
    throw new ConformanceError('usage', `expected one configuration file, found ${found.join(' and ')}`, {
      lines: ['name the one that counts with --config FILE'],
    });
  }
  const name = named ?? found[0];
  if (name === undefined) return undefined;
  const path = isAbsolute(name) ? name : join(folder, name);
  if (!existsSync(path)) throw new ConformanceError('usage', `expected "--config" to be a file, got "${name}"`);
  const content = name.endsWith('.json') ? readJson(path, name) : await importModule(path, name);
  if (!isObject(content) || Array.isArray(content)) {
    throw new ConformanceError('usage', `expected ${name} to hold an object, got ${JSON.stringify(content)}`);
  }
  return { path, name, content };
}

function readJson(path: string, name: string): unknown {
  const text = readFileSync(path, 'utf8');
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ConformanceError('usage', `${name}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

/** The default export; TypeScript is stripped first, because Node 20 cannot. A fresh copy each time, so that changes count. */
async function importModule(path: string, name: string): Promise<unknown> {
  const source = readFileSync(path, 'utf8');
  const { transform } = await import('@swc/core');
  const { code } = await transform(source, {
    filename: path,
    swcrc: false,
    sourceMaps: false,
    jsc: { parser: { syntax: name.endsWith('.ts') ? 'typescript' : 'ecmascript' }, target: 'es2022' },
    module: { type: 'es6' },
  });
  const isAlone = !/^\s*(import|export\s[^;]*\sfrom)\s/m.test(code);
  // A file that imports others must be loaded from its own place; one that stands alone can be loaded again and again.
  const address = isAlone ? `data:text/javascript,${encodeURIComponent(code)}` : pathToFileURL(path).href;
  const loaded = (await import(address)) as { readonly default?: unknown };
  return loaded.default;
}
