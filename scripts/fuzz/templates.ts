/** A request that would do, before it is spoilt. `{name}` is filled in from what lives in the Emta under test. */
export interface Template {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly form?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const request = {
  response_type: 'code',
  client_id: 'shop',
  redirect_uri: 'http://127.0.0.1:9/cb',
  scope: 'openid user:identity:general user:primaryMobileNumber',
  state: 'a-state',
  nonce: 'a-nonce',
};
const optional = {
  prompt: 'login',
  max_age: '60',
  ui_locales: 'fa en',
  login_hint: '09070000101',
  acr_values: 'urn:emta:loa:identity',
  claims: '{"userinfo":{"given_name":null}}',
  code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  code_challenge_method: 'S256',
  id_token_hint: '{id_token}',
  response_mode: 'form_post',
  request: 'eyJhbGciOiJub25lIn0.e30.',
  request_uri: '{request_uri}',
  registration: '{}',
  display: 'page',
};
const secret = { client_id: 'shop', client_secret: '{secret}' };
const bearer = { authorization: 'Bearer {access_token}' };
const form = { csrf: '{csrf}' };
const dpop = { dpop: 'eyJhbGciOiJFUzI1NiJ9.e30.AAAA' };

const journey = (step: string): readonly Template[] => {
  const headers = { cookie: `{${step}.cookie}` };
  const path = (rest: string) => `/journey/{${step}.uid}/${rest}`;
  const csrf = { csrf: `{${step}.csrf}` };
  return [
    { method: 'GET', path: path(step), query: { lang: 'en' }, headers },
    { method: 'POST', path: path('mobile'), form: { ...csrf, mobile: '09070000101' }, headers },
    { method: 'POST', path: path('captcha'), form: { ...csrf, captcha: 'aaaaaa' }, headers },
    { method: 'POST', path: path('captcha/refresh'), form: csrf, headers },
    {
      method: 'POST',
      path: path('verification'),
      form: {
        ...csrf,
        code: '12345',
        national_code: '9991001018',
        birth_year: '1369',
        birth_month: '8',
        birth_day: '17',
      },
      headers,
    },
    { method: 'POST', path: path('verification/resend'), form: csrf, headers },
    { method: 'POST', path: path('consent'), form: { ...csrf, decision: 'grant' }, headers },
    { method: 'POST', path: path('helper'), form: { ...csrf, do: 'fill', persona: 'married-woman' }, headers },
    { method: 'POST', path: path('leave'), form: csrf, headers },
    { method: 'GET', path: path('captcha.svg'), headers },
    { method: 'GET', path: path('captcha.wav'), headers },
    { method: 'GET', path: path('stopped'), headers },
    { method: 'GET', path: `/journey/{${step}.uid}`, headers },
    { method: 'GET', path: `/oauth/authorize/{${step}.uid}`, headers },
  ];
};

/** One sound request at least for every endpoint; those of the control interface come from its own description. */
export const templates: readonly Template[] = [
  { method: 'GET', path: '/.well-known/openid-configuration', headers: { origin: 'https://evil.invalid' } },
  { method: 'GET', path: '/oauth/jwks' },
  { method: 'GET', path: '/oauth/authorize', query: request },
  { method: 'GET', path: '/oauth/authorize', query: { ...request, ...optional } },
  { method: 'GET', path: '/oauth/authorize', query: { client_id: 'shop', request_uri: '{request_uri}' } },
  { method: 'POST', path: '/oauth/authorize', form: request },
  { method: 'POST', path: '/oauth/par', form: { ...request, ...secret } },
  { method: 'POST', path: '/oauth/par', form: { ...request, ...optional, ...secret }, headers: dpop },
  {
    method: 'POST',
    path: '/service/v1/oauth/token',
    form: {
      grant_type: 'authorization_code',
      code: '{code}',
      redirect_uri: request.redirect_uri,
      code_verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
      ...secret,
    },
  },
  {
    method: 'POST',
    path: '/service/v1/oauth/token',
    form: { grant_type: 'refresh_token', refresh_token: '{refresh_token}', scope: 'openid', ...secret },
  },
  {
    method: 'POST',
    path: '/service/v1/oauth/token',
    form: { grant_type: 'authorization_code', code: '{code}', redirect_uri: request.redirect_uri },
    headers: { authorization: 'Basic c2hvcDptYWRlLXVw', ...dpop },
  },
  {
    method: 'POST',
    path: '/service/v1/oauth/token',
    form: {
      grant_type: 'authorization_code',
      code: '{code}',
      client_id: 'key-shop',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJrZXktc2hvcCIsImlzcyI6ImtleS1zaG9wIn0.AAAA',
    },
  },
  { method: 'POST', path: '/service/v2/oauth/token', form: { grant_type: 'authorization_code', code: '{code}' } },
  { method: 'GET', path: '/service/v1/oauth/userinfo', headers: bearer },
  { method: 'POST', path: '/service/v1/oauth/userinfo', form: { access_token: '{access_token}' } },
  { method: 'GET', path: '/service/v1/user/identity/general', headers: bearer },
  { method: 'GET', path: '/service/v1/user/primaryMobileNumber', headers: bearer },
  { method: 'GET', path: '/service/v1/user/primaryEmail', headers: { ...bearer, ...dpop } },
  { method: 'GET', path: '/service/v1/user/status', query: { access_token: '{access_token}' } },
  {
    method: 'POST',
    path: '/service/v1/oauth/introspect',
    form: { token: '{access_token}', token_type_hint: 'access_token', ...secret },
  },
  {
    method: 'POST',
    path: '/service/v1/oauth/revoke',
    form: { token: '{refresh_token}', token_type_hint: 'refresh_token', ...secret },
  },
  {
    method: 'GET',
    path: '/oauth/logout',
    query: {
      id_token_hint: '{id_token}',
      post_logout_redirect_uri: 'http://127.0.0.1:9/',
      state: 'bye',
      client_id: 'shop',
      logout_hint: 'x',
      ui_locales: 'fa',
    },
  },
  { method: 'POST', path: '/oauth/logout', form: { id_token_hint: '{id_token}', client_id: 'shop' } },
  {
    method: 'POST',
    path: '/oauth/logout/confirm',
    form: { xsrf: 'x', logout: 'yes' },
    headers: { cookie: '{mobile.cookie}' },
  },
  { method: 'GET', path: '/oauth/logout/success', query: { client_id: 'shop' } },
  {
    method: 'POST',
    path: '/oauth/register',
    json: {
      redirect_uris: ['http://127.0.0.1:9/cb'],
      client_name: 'x',
      token_endpoint_auth_method: 'client_secret_post',
      response_types: ['code'],
      jwks: { keys: [] },
      jwks_uri: 'http://127.0.0.1:9/jwks',
      default_max_age: 1,
      contacts: ['x'],
    },
  },
  { method: 'GET', path: '/oauth/register/shop', headers: bearer },
  ...['mobile', 'captcha', 'verification', 'consent'].flatMap(journey),
  { method: 'POST', path: '/journey/nobody/mobile', form: { ...form, mobile: '09070000101' } },
  { method: 'GET', path: '/_emta/', query: { mobile: '09070000101', lang: 'en' } },
  { method: 'GET', path: '/_emta' },
  { method: 'POST', path: '/_emta/trap/nobody/x', form: { a: 'b' } },
  { method: 'GET', path: '/_emta/trap/nobody/certificate.pem' },
  { method: 'GET', path: '/_emta/v1/openapi.json' },
  { method: 'GET', path: '/assets/emta.css', headers: { range: 'bytes=0-1', 'if-none-match': '"x"' } },
  { method: 'GET', path: '/assets/../../package.json' },
  { method: 'GET', path: '/healthz' },
  { method: 'GET', path: '/metrics' },
  { method: 'GET', path: '/t/fuzz/.well-known/openid-configuration' },
  { method: 'GET', path: '/t/fuzz/oauth/authorize', query: request },
  { method: 'GET', path: '/t/fuzz/_emta/', query: { mobile: '09070000101' } },
  { method: 'GET', path: '/t/../_emta/' },
  { method: 'GET', path: '/' },
];

/** A position that nothing has reached, so that lists that grow long are not read whole each time. */
const FAR = '1000000000';

interface Described {
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly example?: unknown } } };
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
}

/** Requests for every operation of the control interface, by its OpenAPI description. */
export function controlTemplates(openApi: {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
}): readonly Template[] {
  return Object.entries(openApi.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { requestBody, parameters }]): Template => {
      const query = Object.fromEntries(
        parameters.filter((one) => one.in === 'query').map(({ name }) => [name, name === 'after' ? FAR : '1']),
      );
      return {
        method: method.toUpperCase(),
        path: path.replaceAll(/\{(\w+)\}/g, (_all, name: string) =>
          name === 'uid' ? '{captcha.uid}' : '{national_code}',
        ),
        query,
        ...(requestBody && { json: requestBody.content['application/json'].example ?? {} }),
      };
    }),
  );
}
