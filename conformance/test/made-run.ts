import { applicability, settleCapabilities } from '../capabilities.ts';
import { belongsTo, loadCatalogue, type Row } from '../catalogue.ts';
import { decide } from '../certification.ts';
import type { RunFacts } from '../facts.ts';
import type { ReportInput } from '../report/report.ts';
import { parseRelyingParty } from '../rp-file.ts';
import { verbatim } from '../told.ts';
import type { CaseEvidence, Oracle, PositiveOracle, RowVerdict, VerdictName } from '../verdict.ts';

/** A relying party's file with nothing but what must be there. */
export const leastFile = {
  name: 'Demo shop',
  version: '1.4.2',
  start_url: 'http://127.0.0.1:8080/login',
  protected_url: 'http://127.0.0.1:8080/account',
  client: { client_id: 'shop', client_secret: 'made-up', redirect_uris: ['http://127.0.0.1:8080/cb'] },
};

const rows = loadCatalogue();

const positive: PositiveOracle = {
  kind: 'U',
  expected: verbatim('a page of the relying party that says the citizen was not signed in'),
  observed: verbatim('a page of the relying party that says so'),
  positive: true,
  evidence: verbatim('hop 4: GET http://127.0.0.1:8080/cb?error=access_denied -> 200'),
};

const contrary: Oracle = {
  kind: 'U',
  expected: verbatim('a page of the relying party, not 5xx'),
  observed: verbatim('500 with the text "TypeError: cannot read code of undefined"'),
  positive: true,
  evidence: verbatim('hop 4: GET http://127.0.0.1:8080/cb?error=access_denied&state=Zk3vQ9pLm2xT -> 500'),
};

const evidence: CaseEvidence = {
  label: 'the whole row',
  hops: [
    {
      method: 'GET',
      url: 'http://127.0.0.1:8080/login',
      status: 303,
      location: 'http://localhost:4299/oauth/authorize?client_id=shop&state=Zk3vQ9pLm2xT',
      cookies: ['tx; HttpOnly; SameSite=Lax'],
    },
    { method: 'GET', url: 'http://127.0.0.1:8080/cb?error=access_denied', status: 500, cookies: [] },
  ],
  exchanges: [
    {
      exchange: 17,
      journey: 'Zk3vQ9pLm2xT--',
      at: '2026-02-28T10:00:00.000Z',
      endpoint: 'resume',
      request: 'GET /oauth/authorize/x',
      response: '303 to http://127.0.0.1:8080/cb?error=access_denied',
      delivered: ['authorization.access_denied'],
    },
  ],
  page: {
    url: 'http://127.0.0.1:8080/cb',
    status: 500,
    title: 'Error',
    text: 'TypeError <script>alert(1)</script> 0912 345 6789 کد ملی ۰۰۱۲۳۴۵۶۷۸ and 09123456789',
  },
};

/** A verdict on a row, as the judge would give it. */
export function madeVerdict(row: Row, verdict: VerdictName): RowVerdict {
  const base = {
    id: row.id,
    severity: row.severity,
    profile: row.profile,
    clauses: row.clauses,
    face: 'oidc',
    delivered: [{ fault: 'authorization.access_denied', times: 1 }],
    controls: { before: 'good', after: 'good' },
    milliseconds: 120,
  } as const;
  switch (verdict) {
    case 'pass':
      return { ...base, verdict, because: verbatim('the citizen was told'), oracles: [positive], cases: [evidence] };
    case 'fail':
      return {
        ...base,
        verdict,
        because: verbatim('the last page is a 500'),
        oracles: [contrary, positive],
        cases: [evidence],
      };
    case 'warn':
    case 'accepted-by-tls':
      return { ...base, verdict, because: verbatim(`${verdict} as made`), oracles: [contrary] };
    case 'inconclusive':
      return {
        ...base,
        verdict,
        because: verbatim('the control login after the case failed'),
        controls: { before: 'good', after: 'failed' },
        oracles: [],
      };
    case 'not-applicable':
      return {
        ...base,
        verdict,
        because: applicability('second_issuer', [], []).because,
        controls: { before: 'not-run', after: 'not-run' },
        delivered: [],
        oracles: [],
      };
  }
}

const facts: RunFacts = {
  emta: {
    issuer: 'http://localhost:4299',
    version: '0.1.0',
    relaxed: [],
    carrier: 'error',
    started_for_run: true,
    journal: [{ chain: 'c4f1', seq: 812, hash: 'ab'.repeat(32) }],
  },
  seed: '7f3a',
  face: 'oidc',
  driver: 'http',
  startedAt: '2026-02-28T10:00:00.000Z',
  finishedAt: '2026-02-28T10:00:21.000Z',
  spent: [
    { on: 'start', milliseconds: 900 },
    { on: 'calibration', milliseconds: 1600 },
    { on: 'beside', milliseconds: 14_200 },
    { on: 'alone', milliseconds: 4300 },
    { on: 'waits', milliseconds: 0 },
  ],
  waitsLeftOut: true,
  order: ['C01'],
  capabilities: settleCapabilities({ pkce: false }, { oidc: true, pkce: true }, 'oidc'),
  contradictions: [],
  defects: [],
  fingerprints: { anonymous: null, refused: null, signedIn: null, otherSignedIn: null },
};

/** A run in which every row of core-must passes but those given. */
export function madeRun(
  verdicts: Readonly<Record<string, VerdictName>> = {},
  more: Partial<ReportInput> = {},
): ReportInput {
  const chosen = rows.filter((row) => belongsTo(row, 'core-must'));
  const judged = chosen.map((row) => madeVerdict(row, verdicts[row.id] ?? 'pass'));
  return {
    rp: parseRelyingParty(JSON.stringify(leastFile), 'emta-rp.json'),
    rows: chosen,
    verdicts: judged,
    facts,
    decision: decide({
      profile: 'core-must',
      verdicts: judged,
      demanded: chosen.map((row) => row.id),
      partial: false,
      baseline: more.baseline ?? [],
      defects: [],
    }),
    profile: 'core-must',
    only: null,
    baseline: [],
    harnessVersion: '0.1.0',
    catalogueSize: rows.length,
    fileName: 'emta-rp.json',
    asked: {},
    ...more,
  };
}
