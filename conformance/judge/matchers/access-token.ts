import { told } from '../../told.ts';
import { matcher } from '../finding.ts';

const resourceEndpoints = new Set(['userinfo', 'identity', 'mobile', 'email', 'status']);

/** Every resource is asked with the token in header or body. */
export const tokenInHeader = matcher('access tokens travel in the header or body', (seen) => {
  const expected = told`the access token in the Authorization header or the form body`;
  const calls = seen.exchanges.filter(({ endpoint }) => resourceEndpoints.has(endpoint));
  const [first] = calls;
  if (first === undefined) {
    const used = [...seen.setting.channels].some((channel) => resourceEndpoints.has(channel));
    return {
      kind: 'L',
      expected,
      observed: used ? told`no resource call` : told`the relying party asks no resource`,
      where: told`Emta's record`,
      positive: false,
      points: used ? 'unclear' : 'no-channel',
    };
  }
  const wrong = calls.find(
    ({ request }) =>
      request.query.access_token !== undefined ||
      (request.form.access_token === undefined && !/^Bearer /i.test(request.headers.authorization ?? '')),
  );
  const shown = wrong ?? first;
  return {
    kind: 'L',
    expected,
    observed: wrong === undefined ? told`${calls.length} call(s) so` : told`it is in the query, or missing`,
    where: told`exchange ${shown.seq}: ${`${shown.request.method} ${shown.request.url.split('?')[0]}`}`,
    positive: true,
    points: wrong === undefined ? 'for' : 'against',
  };
});

/** The access token of the last token answer is not presented as Bearer. */
export const tokenNotPresented = matcher('the token is not presented', (seen) => {
  const expected = told`the access token is not presented as Bearer`;
  const call = seen.exchanges.find(
    ({ endpoint, request }) => resourceEndpoints.has(endpoint) && /^Bearer /i.test(request.headers.authorization ?? ''),
  );
  return {
    kind: 'L',
    expected,
    observed: call === undefined ? told`no call with it as Bearer` : told`a call with it as Bearer`,
    where: call === undefined ? told`Emta's record` : told`exchange ${call.seq}: ${call.request.url}`,
    positive: call !== undefined,
    points: call === undefined ? 'for' : 'against',
  };
});
