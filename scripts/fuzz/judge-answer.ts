import { marker } from './hostile-values.ts';
import type { Ending } from './raw-connection.ts';
import type { Shot } from './spoil.ts';

/** Something that must never happen, whatever was asked. */
export interface Finding {
  readonly what: string;
  readonly aim: string;
  /** The request, byte for byte in Latin-1. */
  readonly sent: string;
  readonly detail: string;
}

/** Pieces of the markup that was sent, with a character that a browser acts on left as it was. */
const unescaped = [`${marker}<img`, `${marker}>"`, `${marker}&gt;"`, `${marker}>&quot;`];
const traces = /node_modules|\n\s+at \S+ \(|\.ts:\d+:\d+|dist\/provider/;

/** What is wrong with an answer; nothing where all is well. */
export function judgeAnswer(shot: Shot, sent: string, answer: Ending): readonly Finding[] {
  const found = (what: string, detail: string): Finding => ({ what, aim: shot.aim, sent: sent.slice(0, 3000), detail });
  if (answer === 'silent') return [found('no answer', '')];
  // What is no HTTP may be answered by closing the connection.
  if (answer === 'closed') return shot.isMalformed ? [] : [found('closed without an answer', '')];
  const { status, headers, body } = answer;
  const text = body.toString('utf8');
  const type = headers.find(([name]) => name === 'content-type')?.[1] ?? '';
  const isData = /^(application\/([\w.-]+\+)?json|application\/jwt|text\/css|text\/plain)/.test(type);
  return [
    ...(status >= 500 ? [found(`status ${status}`, text.slice(0, 300))] : []),
    ...(status === 0 ? [found('no HTTP', text.slice(0, 300))] : []),
    ...(!isData && unescaped.some((piece) => text.includes(piece)) ? [found('unescaped markup', around(text))] : []),
    ...(traces.test(text) && !/^text\/css/.test(type) ? [found('a stack trace', text.slice(0, 600))] : []),
    ...(headers.some(([name]) => name === 'x-injected') ? [found('an injected header', JSON.stringify(headers))] : []),
  ];
}

function around(text: string): string {
  const places = unescaped.map((piece) => text.indexOf(piece)).filter((place) => place !== -1);
  const place = Math.min(...places);
  return text.slice(Math.max(0, place - 150), place + 150);
}
