import { isMessage, type Room } from './chromium-room.ts';
import type { Jar, StoredCookie } from './jar.ts';

const keyOf = ({ name, domain, path }: Pick<StoredCookie, 'name' | 'domain' | 'path'>) =>
  `${name}\n${domain.replace(/^\./, '')}\n${path}`;

const sameSites = { strict: 'Strict', lax: 'Lax', none: 'None' } as const;

const domainOf = ({ domain, hostOnly }: StoredCookie) => (hostOnly ? domain : `.${domain.replace(/^\./, '')}`);

/** Cookies that scripts set or took away since Chromium was last told of the jar. */
export async function pullCookies(jar: Jar, room: Room): Promise<void> {
  const there = new Map((await room.context.cookies()).map((cookie) => [keyOf(cookie), cookie]));
  for (const [key, cookie] of there) {
    if (room.mirror.get(key)?.value === cookie.value || cookie.httpOnly) continue;
    const stored: StoredCookie = {
      name: cookie.name,
      value: cookie.value,
      domain: cookie.domain.replace(/^\./, ''),
      path: cookie.path,
      httpOnly: false,
      secure: cookie.secure,
      sameSite: cookie.sameSite === 'Strict' ? 'strict' : cookie.sameSite === 'None' ? 'none' : 'lax',
      hostOnly: !cookie.domain.startsWith('.'),
    };
    await jar.put(stored);
    room.mirror.set(key, stored);
  }
  for (const [key, cookie] of room.mirror) {
    if (there.has(key) || cookie.httpOnly) continue;
    await jar.drop(cookie);
    room.mirror.delete(key);
  }
}

/** Tells Chromium what is in the jar now. */
export async function pushCookies(jar: Jar, room: Room, url: string): Promise<void> {
  // asking for them is what makes a jar forget the expired ones
  await jar.cookiesAt(url);
  const wanted = new Map((await jar.all()).map((cookie) => [keyOf(cookie), cookie]));
  for (const [key, cookie] of room.mirror) {
    if (wanted.has(key)) continue;
    await room.context.clearCookies({ name: cookie.name, path: cookie.path, domain: domainOf(cookie) });
    room.mirror.delete(key);
  }
  const fresh = [...wanted].filter(([key, cookie]) => room.mirror.get(key)?.value !== cookie.value);
  for (const [key, cookie] of fresh) {
    try {
      await room.context.addCookies([
        {
          name: cookie.name,
          value: cookie.value,
          domain: domainOf(cookie),
          path: cookie.path,
          httpOnly: cookie.httpOnly,
          secure: cookie.secure,
          ...(cookie.sameSite === 'unset' ? {} : { sameSite: sameSites[cookie.sameSite] }),
        },
      ]);
      room.mirror.set(key, cookie);
    } catch (error) {
      // Chromium keeps no cookie that breaks its rules; then no script sees it either
      if (!isMessage(error, /Invalid cookie|Protocol error \(Storage\.setCookies\)/)) throw error;
    }
  }
}
