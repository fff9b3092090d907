// The layers of README.md#layers as rules for dependency-cruiser. scripts/layers.test.ts plants one violation per rule.

/** Lowest first. What stands in one row does not know its neighbours either. */
const providerLayers = [
  ['kernel'],
  ['registry'],
  ['captcha', 'claims', 'faults', 'journal', 'sms', 'store', 'tls'],
  ['steps'],
  ['oidc'],
  ['http'],
];

const tests = String.raw`(\.test\.ts$|/suite\.ts$|/test/|/examples/|^scripts/)`;
const inFolders = (names) => `^provider/(${names.join('|')})/`;

const layerRules = providerLayers.flat().map((layer) => {
  const row = providerLayers.findIndex((names) => names.includes(layer));
  const above = providerLayers
    .slice(row)
    .flat()
    .filter((name) => name !== layer);
  const folders = above.length > 0 ? `(${above.join('|')})/|` : '';
  return {
    name: `provider-${layer}-imports-downwards`,
    comment: `provider/${layer} knows nothing beside or above itself`,
    severity: 'error',
    from: { path: `^provider/${layer}/`, pathNot: tests },
    to: {
      path: String.raw`^provider/(${folders}[^/]+\.ts$)`,
      // The ports speak of citizens and lines, whose types stand with the registry.
      ...(layer === 'kernel' ? { pathNot: '^provider/registry/citizen\\.ts$' } : {}),
    },
  };
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...layerRules,
    {
      name: 'app-does-not-know-server',
      comment:
        'provider/app.ts composes and returns; provider/server.ts listens, provider/serve.ts reads the environment',
      severity: 'error',
      from: { path: '^provider/', pathNot: [tests, String.raw`^provider/(server|serve)\.ts$`] },
      to: { path: String.raw`^provider/(server|serve)\.ts$` },
    },
    {
      name: 'only-oidc-knows-oidc-provider',
      severity: 'error',
      from: { path: '^(provider|fixtures|conformance)/', pathNot: [tests, '^provider/oidc/'] },
      to: { path: 'node_modules/(@types/)?oidc-provider/' },
    },
    {
      name: 'only-http-knows-koa-and-nunjucks',
      comment: 'provider/app.ts may compose what provider/http builds',
      severity: 'error',
      from: { path: '^provider/', pathNot: [tests, '^provider/http/', String.raw`^provider/(app|server)\.ts$`] },
      to: { path: 'node_modules/(@types/)?(@koa/|koa|nunjucks)' },
    },
    {
      name: 'provider-does-not-know-fixtures',
      comment: 'data comes in through options; provider/server.ts is the entry that hands it over',
      severity: 'error',
      from: { path: '^provider/', pathNot: [tests, String.raw`^provider/server\.ts$`] },
      to: { path: '^fixtures/' },
    },
    {
      name: 'provider-does-not-know-conformance',
      severity: 'error',
      from: { path: '^provider/', pathNot: [tests, String.raw`^provider/server\.ts$`] },
      to: { path: '^conformance/' },
    },
    {
      name: 'fixtures-know-registry-and-kernel',
      severity: 'error',
      from: { path: '^fixtures/', pathNot: tests },
      to: { path: '^(provider|conformance|scripts)/', pathNot: inFolders(['registry', 'kernel']) },
    },
    {
      name: 'conformance-has-one-door-to-provider',
      comment: 'the harness talks to Emta over HTTP; conformance/embedded.ts alone starts one in this process',
      severity: 'error',
      from: { path: '^conformance/', pathNot: String.raw`^conformance/embedded\.ts$` },
      to: { path: '^provider/' },
    },
    {
      name: 'conformance-does-not-know-fixtures',
      comment: 'the harness draws its citizens over the control interface',
      severity: 'error',
      from: { path: '^conformance/', pathNot: [tests, String.raw`^conformance/embedded\.ts$`] },
      to: { path: '^fixtures/' },
    },
    {
      name: 'sale-site-stands-alone',
      severity: 'error',
      from: { path: '^conformance/sale-site/', pathNot: String.raw`\.test\.ts$` },
      to: { path: '^(provider|fixtures|conformance|scripts)/', pathNot: '^conformance/sale-site/' },
    },
    {
      name: 'nothing-shipped-knows-tests-or-scripts',
      severity: 'error',
      from: { path: '^(provider|fixtures|conformance)/', pathNot: tests },
      to: { path: tests },
    },
    {
      name: 'nothing-shipped-needs-a-development-package',
      comment:
        'what the tarball needs stands under dependencies; Chromium is driven only where playwright-core is there',
      severity: 'error',
      from: { path: '^(provider|fixtures|conformance)/', pathNot: tests },
      to: { dependencyTypes: ['npm-dev'], pathNot: 'node_modules/(@types/|playwright-core/)' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      // The policy of the sale site names the types of all that it decides; scripts/cycles.test.ts looks there too.
      from: { pathNot: '^conformance/sale-site/' },
      to: { circular: true },
    },
    {
      name: 'every-import-is-found',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    // What stands in a folder of scripts/libraries imports the settings that its test puts beside it.
    exclude: { path: '^(dist|scripts/libraries/[^/]+)/' },
    moduleSystems: ['es6', 'cjs'],
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.mjs', '.js', '.cjs', '.d.ts', '.json'],
    },
  },
};
