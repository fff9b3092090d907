import { expect, test } from '@playwright/test';
import { startEmta } from 'emta-mock';

const redirectUri = 'http://127.0.0.1:8080/cb';
const client = {
  client_id: 'shop',
  client_secret: 'made-up',
  redirect_uris: [redirectUri],
  token_endpoint_auth_method: 'client_secret_basic', // as your library sends it; client_secret_post when left out
};

function authorizationUrl(issuer) {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: client.client_id,
    redirect_uri: redirectUri,
    scope: 'openid user:identity:general user:primaryMobileNumber',
    state: 'the-state',
  });
  return `${issuer}/oauth/authorize?${query}`;
}

let emta;
test.beforeAll(async () => {
  // A fixed answer spares the test the captcha; everything else is as a person sees it.
  emta = await startEmta({ port: 0, clients: [client], rules: { captcha: 'abc234' } });
});
test.afterAll(() => emta.close());

test('a person refuses on the page', async ({ page }) => {
  const person = emta.persona('refuser');
  let back;
  await page.route(`${redirectUri}**`, (route) => {
    back = new URL(route.request().url());
    return route.fulfill({ body: 'the relying party' });
  });
  await page.goto(authorizationUrl(emta.issuer));
  await page.getByTestId('mobile-input').fill(person.mobile);
  await page.getByTestId('mobile-continue').click();
  await page.getByTestId('captcha-input').fill('abc234');
  await page.getByTestId('captcha-continue').click();
  await page.getByTestId('code-input').fill(await emta.outbox.code(person.mobile));
  await page.getByTestId('national-code-input').fill(person.nationalCode);
  const [year, month, day] = person.birthJalali.split('/');
  await page.getByTestId('birth-year').fill(year);
  await page.getByTestId('birth-month').fill(month);
  await page.getByTestId('birth-day').fill(day);
  await page.getByTestId('verification-submit').click();
  await page.getByTestId('consent-refuse').click();
  await expect(page.getByText('the relying party')).toBeVisible();
  expect(back.searchParams.get('error')).toBe('access_denied');
});
