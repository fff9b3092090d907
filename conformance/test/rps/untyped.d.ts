/** passport-openidconnect brings no types; these are the members that we use. */
declare module 'passport-openidconnect' {
  import type { Strategy as PassportStrategy } from 'passport';

  interface Profile {
    readonly id: string;
    readonly _json?: Readonly<Record<string, unknown>>;
  }

  type Verified = (error: unknown, user?: Express.User | false) => void;

  type Got = (error: unknown, body?: string, response?: unknown) => void;

  export class Strategy implements PassportStrategy {
    name: string;
    /** Meant for subclasses. */
    readonly _oauth2: { get(url: string, accessToken: string, got: Got): void };
    authenticate: PassportStrategy['authenticate'];
    constructor(
      options: {
        readonly issuer: string;
        readonly authorizationURL: string;
        readonly tokenURL: string;
        readonly userInfoURL: string;
        readonly clientID: string;
        readonly clientSecret: string;
        readonly callbackURL: string;
        readonly scope: string;
      },
      verify: (
        issuer: string,
        uiProfile: Profile,
        idProfile: Profile,
        context: object,
        idToken: string,
        accessToken: string,
        refreshToken: string,
        parameters: object,
        verified: Verified,
      ) => void,
    );
  }
}
