import { join } from 'node:path';
import { type DefectEntry, defects, nameOf } from '../../conformance/defects/index.ts';
import { startEmbeddedEmta } from '../../conformance/embedded.ts';
import { loadRelyingParty, type RelyingParty } from '../../conformance/rp-file.ts';
import { openRun } from '../../conformance/run.ts';
import type { RowVerdict } from '../../conformance/verdict.ts';

/** What a run of all rows said of the sale site with one defect, or with none. */
export interface Trial {
  readonly name: string;
  /** Rows by what became of them; those that did not apply are left out. */
  readonly red: readonly string[];
  readonly doubtful: readonly string[];
  /** Reasons of the rows named above, by row. */
  readonly because: Readonly<Record<string, string>>;
  /** Faults of the harness itself. */
  readonly defects: readonly string[];
}

export interface TrialOptions {
  readonly seed: string;
  readonly skipWaits: boolean;
  /** The rows to run; none given: all. */
  readonly rows?: readonly string[];
}

type FileName = 'emta-rp.json' | 'emta-rp.mobile.json' | 'emta-rp.resources.json';

/** The sale site is launched from the build, with copies of it where rows need them. */
function partyWith(defect: DefectEntry | undefined, fileName: FileName): RelyingParty {
  const rp = loadRelyingParty(join('conformance', 'sale-site', fileName));
  if (rp.launch === undefined) throw new Error(`expected "launch" in ${fileName}, got none`);
  const env = { ...rp.launch.env, ...(defect === undefined ? {} : { SALE_SITE_DEFECTS: nameOf(defect) }) };
  return {
    ...rp,
    launch: { ...rp.launch, env },
    client: {
      ...rp.client,
      ...defect?.client,
      // what Emta is to let pass goes with the client: its owner cannot ask for that in the file
      ...(defect?.relax === undefined ? {} : { emta_relax: defect.relax }),
    },
    capabilities: { ...rp.capabilities, ...defect?.capabilities },
  };
}

/** The files to run, each with the rows wanted of it: a defect of both faces is also looked at on the other one. */
function filesFor(defect: DefectEntry | undefined): readonly (readonly [FileName, readonly string[] | undefined])[] {
  const resourceRows = Array.from({ length: 10 }, (_, index) => `M${String(index + 1).padStart(2, '0')}`);
  if (defect?.face === 'oauth2') return [['emta-rp.resources.json', undefined]];
  if (defect?.file !== undefined) return [[defect.file, undefined]];
  if (defect?.face === 'oidc') return [['emta-rp.json', undefined]];
  return [
    ['emta-rp.json', undefined],
    ['emta-rp.resources.json', resourceRows],
  ];
}

/** Certifies the sale site with a defect, or as it is, by every row. */
export async function tryDefect(name: string, { rows, ...options }: TrialOptions): Promise<Trial> {
  const defect = defects.find((entry) => nameOf(entry) === name);
  if (defect === undefined && name !== 'none') throw new Error(`expected the name of a defect, got "${name}"`);
  const verdicts: RowVerdict[] = [];
  const faults: string[] = [];
  for (const [fileName, ofFile] of filesFor(defect)) {
    const only = rows?.filter((id) => ofFile?.includes(id) ?? true) ?? ofFile;
    if (only?.length === 0) continue;
    const emta = await startEmbeddedEmta({ port: 0, helperStrip: false });
    try {
      const run = await openRun({
        rp: partyWith(defect, fileName),
        emta: emta.issuer,
        profile: 'audit',
        ...options,
        ...(only === undefined ? {} : { only }),
      });
      for (const { id } of run.rows) verdicts.push(await run.verdictOf(id));
      faults.push(...(await run.close()).defects);
    } finally {
      await emta.close();
    }
  }
  const red = verdicts.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn');
  const doubtful = verdicts.filter(({ verdict }) => verdict === 'inconclusive');
  return {
    name,
    red: red.map(({ id }) => id).toSorted(),
    doubtful: doubtful.map(({ id }) => id).toSorted(),
    because: Object.fromEntries([...red, ...doubtful].map(({ id, because }) => [id, because.en])),
    defects: faults,
  };
}
