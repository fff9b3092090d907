import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Profile } from './child.ts';

/** Share of a process's work by whose code it was, most first. Waiting is left out. */
export function sharesOf({ nodes, samples = [], timeDeltas = [] }: Profile): readonly (readonly [string, number])[] {
  const sourceOf = sources();
  const owners = new Map(
    nodes.map(({ id, callFrame: { url, functionName, lineNumber } }) => [
      id,
      ownerOf(sourceOf(url, lineNumber), functionName),
    ]),
  );
  const times = new Map<string, number>();
  samples.forEach((id, index) => {
    const owner = owners.get(id);
    if (owner !== undefined) times.set(owner, (times.get(owner) ?? 0) + (timeDeltas[index] ?? 0));
  });
  const total = [...times.values()].reduce((sum, time) => sum + time, 0);
  return [...times]
    .map(([owner, time]) => [owner, time / total] as const)
    .toSorted(([, one], [, other]) => other - one);
}

/** The build puts many files into one, each after a line that names it. */
function sources(): (url: string, line: number) => string {
  const files = new Map<string, readonly string[]>();
  return (url, line) => {
    if (!url.includes('/dist/provider/')) return url;
    const lines = files.get(url) ?? readFileSync(fileURLToPath(url), 'utf8').split('\n');
    files.set(url, lines);
    const name = lines.slice(0, line + 1).findLast((text) => text.startsWith('// dist/provider/'));
    return name === undefined ? url : `/${name.slice(3)}`;
  };
}

function ownerOf(url: string, name: string): string | undefined {
  if (name === '(idle)') return undefined;
  if (name === '(garbage collector)') return 'garbage collection';
  const dependency = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  if (dependency !== undefined) return dependency;
  if (url.startsWith('node:')) return 'Node itself';
  const folder = /\/(provider\/[a-z]+)\//.exec(url)?.[1];
  if (folder !== undefined) return folder;
  // Natives have no address: sockets, cryptography, JSON.
  return url === '' ? 'natives of Node and V8' : 'provider';
}
