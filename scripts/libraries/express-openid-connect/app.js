// The smallest site around emta.js.
import express from 'express';
import { emta } from './emta.js';

const app = express();
app.use(emta);
app.get('/', (_request, response) => response.send('<!doctype html><title>Shop</title><a href="/login">Sign in</a>'));
app.get('/account', async (request, response) => {
  if (!request.oidc.isAuthenticated()) return response.status(401).send('Please <a href="/login">sign in</a>');
  const { name, phone_number: number, phone_number_verified: isProven } = await request.oidc.fetchUserInfo();
  return response.send(`Hello ${escaped(name)}, ${isProven ? escaped(number) : 'no proven number'}`);
});
app.listen(8080, '127.0.0.1');

const escaped = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
