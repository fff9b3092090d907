import { recallLogin } from '../login/answer.ts';
import { drawSecrets, type Login } from '../login/logins.ts';
import { redeem } from '../login/redeem.ts';
import {
  all,
  asking,
  type Defect,
  redeemTheCode,
  remember,
  replace,
  withoutPkceAndNonce,
  withoutTyped,
} from './defect.ts';
import { lenient } from './lenient-redeem.ts';

/** Logins: which answer is taken for which, and by whom. */
export const loginDefects: Readonly<Record<string, Defect>> = {
  'X03.global': replace({ recallLogin: (answer, _browser, logins) => logins.byState(answer.get('state') ?? '') }),
  'X03.signed': all(
    withoutPkceAndNonce,
    replace({ recallLogin: (answer, _browser, logins) => logins.byState(answer.get('state') ?? '') }),
  ),
  'X03.absent': all(
    withoutPkceAndNonce,
    asking((query) => query.delete('state')),
    replace({ recallLogin: (_answer, _browser, logins) => anyLogin(logins.all()) }),
  ),
  'X06.unsent': all(
    withoutTyped,
    asking((query) => {
      for (const name of ['nonce', 'code_challenge', 'code_challenge_method']) query.delete(name);
    }),
    replace(lenient({ skip: ['verifier', 'nonce'] })),
  ),
  'X06.uncompared': all(
    withoutTyped,
    asking((query) => {
      query.delete('code_challenge');
      query.delete('code_challenge_method');
    }),
    replace(lenient({ skip: ['verifier', 'nonce'] })),
  ),
  X12: all(withoutTyped, withoutPkceAndNonce),
  X25: all(
    withoutTyped,
    withoutPkceAndNonce,
    asking((query) => query.set('nonce', 'constant-nonce-of-the-site')),
    replace({
      drawSecrets: (random) => ({ ...drawSecrets(random), state: 'constant-state-of-the-site' }),
      recallLogin: (answer, browser, logins) =>
        logins.all().findLast((login) => login.browser === browser && login.state === answer.get('state')),
    }),
  ),
  X26: all(
    withoutPkceAndNonce,
    replace({
      recallLogin: (answer, browser, logins) =>
        answer.get('state') ? recallLogin(answer, browser, logins) : anyLogin(logins.all()),
    }),
  ),
  'X27.redeemed': replace({ isUnanswered: () => true }),
  'X27.remembered': remember(() => {
    const redeemed = new Map<string, ReturnType<typeof redeem>>();
    return {
      isUnanswered: () => true,
      redeem: (answer, login, emta) => {
        const known = redeemed.get(login.state) ?? redeem(answer, login, emta);
        redeemed.set(login.state, known);
        return known;
      },
    };
  }),
  X28: replace({
    recallLogin: (answer, browser, logins) => {
      const wasHere = logins.all().some((login) => login.browser === browser && login.landing !== undefined);
      return wasHere ? logins.byState(answer.get('state') ?? '') : recallLogin(answer, browser, logins);
    },
  }),
  'X45.transaction': replace({
    recallLogin: (answer, browser, logins) => {
      // One variable for everybody: the login that was started last.
      const last = logins.all().at(-1);
      return last?.state === answer.get('state') && last?.browser === browser ? last : undefined;
    },
  }),
  'X45.profile': remember((policy) => {
    let current: string | undefined;
    return {
      renewSession: (sessions, old, who, isRemembered) => {
        const session = policy.renewSession(sessions, old, who, isRemembered);
        current = session.id;
        return session;
      },
      around: (site) => async (ctx, next) => {
        const name = site.cookies.session;
        const cookies = ctx.get('cookie');
        // Whoever has a session has the last one.
        if (current !== undefined && cookies.includes(`${name}=`) && ctx.path !== '/emta/callback') {
          ctx.req.headers.cookie = cookies.replace(new RegExp(`${name}=[^;]*`), `${name}=${current}`);
        }
        await policy.around(site)(ctx, next);
      },
    };
  }),
  F05: replace({
    recallLogin: (_answer, browser, logins) => newestOf(logins.all(), browser),
    redeem: redeemTheCode,
  }),
  F07: replace({
    isWellFormed: (answer) => {
      if (answer.getAll('state').length > 1 || answer.get('state') === '') throw new TypeError('state is no text');
      return true;
    },
  }),
  F18: replace({
    recallLogin: (answer, browser, logins) => {
      const pending = logins.all().filter((login) => login.browser === browser && login.landing === undefined);
      return pending.length > 1 ? undefined : recallLogin(answer, browser, logins);
    },
  }),
};

/** A login that stands for nobody's in particular. */
function anyLogin(logins: readonly Login[]): Login | undefined {
  const last = logins.at(-1);
  if (last === undefined) return undefined;
  const { landing: _landing, typedNationalCode: _code, typedMobile: _mobile, ...login } = last;
  return login;
}

function newestOf(logins: readonly Login[], browser: string | undefined): Login | undefined {
  return logins.findLast((login) => login.browser === browser && login.landing === undefined);
}
