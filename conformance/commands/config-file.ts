import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { ConformanceError } from '../errors.ts';
import { parseJsonWithPlaces } from '../json-places.ts';
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
  const read = parseJsonWithPlaces(readFileSync(path, 'utf8'));
  const fault = read.kind === 'fault' ? read.fault : read.doubled[0];
  if (fault !== undefined) {
    throw new ConformanceError('usage', `${name}:${fault.line}:${fault.column}: ${fault.message}`);
  }
  return read.kind === 'value' ? read.value : undefined;
}

/** The default export; TypeScript is stripped first, because Node 20 cannot. A fresh copy each time, so that changes count. */
async function importModule(path: string, name: string): Promise<unknown> {
  const { transform } = await import('@swc/core');
  try {
    const { code } = await transform(readFileSync(path, 'utf8'), {
      filename: path,
      swcrc: false,
      sourceMaps: false,
      jsc: { parser: { syntax: name.endsWith('.ts') ? 'typescript' : 'ecmascript' }, target: 'es2022' },
      module: { type: 'es6' },
    });
    return await importCode(code, path);
  } catch (cause) {
    // What a file throws is for its owner: the first line of it, which the compiler may have painted.
    const message = isObject(cause) && typeof cause.message === 'string' ? cause.message : String(cause);
    const [first = ''] = stripVTControlCharacters(message)
      .split('\n')
      .map((line) => line.replace(/^\s*[x×]\s*/, '').trim())
      .filter((line) => line !== '');
    throw new ConformanceError('usage', `${name} cannot be loaded: ${first}`, { cause });
  }
}

/** Code that imports others is loaded from its own folder, under a name that no import has seen. */
async function importCode(code: string, path: string): Promise<unknown> {
  const isAlone = !/^\s*(import|export\s[^;]*\sfrom)\s/m.test(code);
  if (isAlone) return defaultOf(await import(`data:text/javascript,${encodeURIComponent(code)}`));
  const copy = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString('hex')}.mjs`);
  writeFileSync(copy, code);
  try {
    return defaultOf(await import(pathToFileURL(copy).href));
  } finally {
    rmSync(copy);
  }
}

const defaultOf = (loaded: { readonly default?: unknown }): unknown => loaded.default;
