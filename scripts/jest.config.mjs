import { availableParallelism } from 'node:os';

const typescript = [
  '@swc/jest',
  {
    swcrc: false,
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022', experimental: { keepImportAttributes: true } },
    sourceMaps: 'inline',
  },
];

// express-openid-connect requires these as CommonJS. Node does that since 20.19, Jest only on Node 24; where they are
// imported, they stay modules.
const requiredModules = '/node_modules/(?:openid-client|oauth4webapi|jose)/.+\\.js$';

/** @type {import('jest').Config} */
export default {
  rootDir: '..',
  testEnvironment: 'node',
  testMatch: ['<rootDir>/**/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/dist'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': typescript,
    [requiredModules]: ['@swc/jest', { swcrc: false, jsc: { target: 'es2022' } }],
  },
  transformIgnorePatterns: ['/node_modules/(?!(?:openid-client|oauth4webapi|jose)/)'],
  setupFilesAfterEnv: ['<rootDir>/scripts/jest.setup.ts'],
  // A machine with more to do than this is slow, not broken; nothing here is judged by the clock on the wall.
  testTimeout: 120_000,
  // Many suites wait for a key to cool down, a process to start, a browser to draw: half as many again keep the cores busy.
  maxWorkers: Math.ceil(availableParallelism() * 1.5),
  testSequencer: '<rootDir>/scripts/slow-first.mjs',
  workerIdleMemoryLimit: '1GB',
  // Half a second, as it comes, is less than a large process takes to end where there is much to do.
  workerGracefulExitTimeout: 10_000,
};
