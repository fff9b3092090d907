import type { EmtaClient, SaleSiteOptions } from './options.ts';

/** What the environment says of a site that runs by itself. */
export interface ServerOptions {
  readonly port: number;
  readonly site: SaleSiteOptions;
}

const names = [
  'SALE_SITE_PORT',
  'SALE_SITE_URL',
  'SALE_SITE_ISSUER',
  'SALE_SITE_CLIENT_ID',
  'SALE_SITE_CLIENT_SECRET',
  'SALE_SITE_FACE',
  'SALE_SITE_AUTH_METHOD',
  'SALE_SITE_SMS_GATEWAY',
  'SALE_SITE_STORE_FILE',
  'SALE_SITE_ASKS_MOBILE',
  'SALE_SITE_DRIVER_HOOKS',
  'SALE_SITE_DEFECTS',
  'SALE_SITE_OTHER_ISSUER',
  'SALE_SITE_OTHER_CLIENT_ID',
  'SALE_SITE_OTHER_CLIENT_SECRET',
] as const;

type Name = (typeof names)[number];

/** Reads the options of the site from its environment, and reports every problem at once. */
export function parseServerOptions(env: Readonly<Record<string, string | undefined>>): ServerOptions {
  const problems: string[] = [];
  const known: ReadonlySet<string> = new Set(names);
  for (const name of Object.keys(env)) {
    if (name.startsWith('SALE_SITE_') && !known.has(name))
      problems.push(`unknown "${name}", known: ${names.join(' ')}`);
  }
  const text = (name: Name): string | undefined => (env[name] === '' ? undefined : env[name]);
  const required = (name: Name): string => {
    const value = text(name);
    if (value === undefined) problems.push(`expected "${name}", got nothing`);
    return value ?? '';
  };
  const oneOf = <T extends string>(name: Name, allowed: readonly T[]): T | undefined => {
    const value = text(name);
    const found = allowed.find((it) => it === value);
    if (value !== undefined && found === undefined) {
      problems.push(`expected "${name}" to be one of ${allowed.join(', ')}, got "${value}"`);
    }
    return found;
  };

  const port = Number(text('SALE_SITE_PORT') ?? '4300');
  if (!Number.isInteger(port) || port < 1 || port > 65535)
    problems.push(`expected "SALE_SITE_PORT" to be a port, got "${port}"`);
  const face = oneOf('SALE_SITE_FACE', ['oidc', 'oauth2']);
  const tokenEndpointAuthMethod = oneOf('SALE_SITE_AUTH_METHOD', ['client_secret_post', 'client_secret_basic']);
  const asksMobile = oneOf('SALE_SITE_ASKS_MOBILE', ['yes', 'no']);
  const driverHooks = oneOf('SALE_SITE_DRIVER_HOOKS', ['yes', 'no']);
  const smsGateway = text('SALE_SITE_SMS_GATEWAY');
  const storeFile = text('SALE_SITE_STORE_FILE');
  const otherEmta: EmtaClient | undefined =
    text('SALE_SITE_OTHER_ISSUER') === undefined
      ? undefined
      : {
          issuer: required('SALE_SITE_OTHER_ISSUER'),
          clientId: required('SALE_SITE_OTHER_CLIENT_ID'),
          clientSecret: required('SALE_SITE_OTHER_CLIENT_SECRET'),
        };
  const site = {
    baseUrl: text('SALE_SITE_URL') ?? `http://localhost:${port}`,
    issuer: required('SALE_SITE_ISSUER'),
    clientId: required('SALE_SITE_CLIENT_ID'),
    clientSecret: required('SALE_SITE_CLIENT_SECRET'),
    asksMobile: asksMobile === 'yes',
    driverHooks: driverHooks === 'yes',
    defects: (text('SALE_SITE_DEFECTS') ?? '').split(',').filter((name) => name !== ''),
    ...(face === undefined ? {} : { face }),
    ...(tokenEndpointAuthMethod === undefined ? {} : { tokenEndpointAuthMethod }),
    ...(smsGateway === undefined ? {} : { smsGateway }),
    ...(storeFile === undefined ? {} : { storeFile }),
    ...(otherEmta === undefined ? {} : { otherEmta }),
  };
  for (const [name, value] of [
    ['SALE_SITE_URL', site.baseUrl],
    ['SALE_SITE_ISSUER', site.issuer],
  ] as const) {
    if (value !== '' && !URL.canParse(value)) problems.push(`expected "${name}" to be an address, got "${value}"`);
  }
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return { port, site };
}
