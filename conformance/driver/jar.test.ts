import { expect, test } from '@jest/globals';
import { emptyJar } from './jar.ts';

const site = 'http://127.0.0.1:8080/cb';
const now = 1_700_000_000_000;
const names = async (jar: ReturnType<typeof emptyJar>, url: string, sameSite: boolean, method = 'GET', at = now) =>
  (await jar.headerFor(url, { sameSite, method, now: at })).names;

test('a cross-site navigation carries no Strict cookie, a cross-site POST no Lax one', async () => {
  const jar = emptyJar();
  await jar.store(site, ['strict=1; SameSite=Strict', 'lax=1; SameSite=Lax', 'none=1; SameSite=None; Secure'], now);
  expect(await names(jar, site, true)).toEqual(['strict', 'lax', 'none']);
  expect(await names(jar, site, false)).toEqual(['lax', 'none']);
  expect(await names(jar, site, false, 'POST')).toEqual(['none']);
});

test('a cookie without SameSite goes along with a cross-site POST for its first two minutes', async () => {
  const jar = emptyJar();
  const made = Date.now();
  await jar.store(site, ['plain=1'], made);
  expect(await names(jar, site, false, 'POST', made + 60_000)).toEqual(['plain']);
  expect(await names(jar, site, false, 'POST', made + 200_000)).toEqual([]);
});

test('localhost and 127.0.0.1 are two hosts, their ports are not', async () => {
  const jar = emptyJar();
  await jar.store('http://localhost:4300/', ['a=1'], now);
  expect(await names(jar, 'http://localhost:9/', true)).toEqual(['a']);
  expect(await names(jar, 'http://127.0.0.1:4300/', true)).toEqual([]);
});

test('Secure and __Host- cookies pass on loopback without TLS, SameSite=None without Secure is dropped', async () => {
  const jar = emptyJar();
  await jar.store(
    site,
    ['secure=1; Secure', '__Host-id=1; Secure; Path=/', '__Host-bad=1; Path=/', 'none=1; SameSite=None'],
    now,
  );
  expect(await names(jar, site, true)).toEqual(['secure', '__Host-id']);
});

test('a cookie over 4096 bytes is dropped', async () => {
  const jar = emptyJar();
  await jar.store(site, [`big=${'x'.repeat(4096)}`, 'small=1'], now);
  expect(await names(jar, site, true)).toEqual(['small']);
});

test('a path keeps a cookie from the rest of the site', async () => {
  const jar = emptyJar();
  await jar.store('http://127.0.0.1:8080/auth/start', ['state=1; Path=/auth'], now);
  expect(await names(jar, 'http://127.0.0.1:8080/auth/cb', true)).toEqual(['state']);
  expect(await names(jar, 'http://127.0.0.1:8080/account', true)).toEqual([]);
});

test('a copy is a jar of its own; a cookie taken out of it stays in the other', async () => {
  const jar = emptyJar();
  await jar.store(site, ['a=1', 'b=2'], now);
  const copy = await jar.copy();
  for (const cookie of await copy.all()) if (cookie.name === 'a') await copy.drop(cookie);
  expect(await names(copy, site, true)).toEqual(['b']);
  expect(await names(jar, site, true)).toEqual(['a', 'b']);
});

test('a planted cookie is sent as if the site had set it', async () => {
  const [jar, other] = [emptyJar(), emptyJar()];
  await jar.store(site, ['id=planted; HttpOnly; SameSite=Lax; Path=/'], now);
  for (const cookie of await jar.all()) await other.put(cookie);
  expect((await other.headerFor(site, { sameSite: true, method: 'GET', now })).header).toBe('id=planted');
});
