import { expect, test } from '@jest/globals';
import { parseServerOptions } from './server-options.ts';

const least = {
  SALE_SITE_ISSUER: 'http://localhost:4299',
  SALE_SITE_CLIENT_ID: 'ikco-sale-site',
  SALE_SITE_CLIENT_SECRET: 'made-up',
};

test('reads a site from its environment', () => {
  expect(parseServerOptions({ ...least, SALE_SITE_PORT: '4301', SALE_SITE_DEFECTS: 'X01,X02', PATH: '/bin' })).toEqual({
    port: 4301,
    site: {
      baseUrl: 'http://localhost:4301',
      issuer: 'http://localhost:4299',
      clientId: 'ikco-sale-site',
      clientSecret: 'made-up',
      asksMobile: false,
      driverHooks: false,
      defects: ['X01', 'X02'],
    },
  });
});

test('reports every problem at once', () => {
  const parse = () =>
    parseServerOptions({ ...least, SALE_SITE_ISSUER: '', SALE_SITE_FACE: 'saml', SALE_SITE_DEFECT: 'X01' });
  expect(parse).toThrow(/unknown "SALE_SITE_DEFECT"[\s\S]*got "saml"[\s\S]*expected "SALE_SITE_ISSUER", got nothing/);
});
