// The smallest site around emta.js.
import express from 'express';
import { emta, ended } from './emta.js';

const app = express();
app.use(emta);
app.get('/', (_request, response) => response.send('<!doctype html><title>Shop</title><a href="/login">Sign in</a>'));
app.get('/account', (request, response) => {
  const { person } = request.appSession;
  if (!person) return response.status(401).send('Please <a href="/login">sign in</a>');
  return response.send(`Hello ${escaped(person.name)}, ${escaped(person.mobile ?? 'no proven number')}`);
});
app.get('/api/me', (request, response) => {
  const { person } = request.appSession;
  return person ? response.json(person) : response.status(401).json({});
});
app.use(ended);
app.listen(8080, '127.0.0.1');

const escaped = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
