import type { Json } from '../../kernel/ports.ts';
import type { Operation } from './operation.ts';

const ERROR = {
  description: 'Refused; the message says what was expected and what came.',
  content: {
    'application/json': {
      schema: {
        type: 'object',
        required: ['error', 'message'],
        properties: { error: { type: 'string' }, message: { type: 'string' }, hint: { type: 'string' } },
      },
    },
  },
};

/** The OpenAPI 3.1 description, made from the operations themselves. */
export function openApiOf(operations: readonly Operation[], issuer: string, version: string): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const operation of operations) {
    const path = `/_emta/v1${operation.path === '/' ? '' : operation.path}`;
    paths[path] = { ...paths[path], [operation.method]: described(operation) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Control interface of emta-mock', version },
    servers: [{ url: issuer }],
    paths,
  };
}

function described({ id, summary, path, query, body, example }: Operation): Json {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name: name ?? '',
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const inQuery = Object.entries(query ?? {}).map(([name, description]) => ({
    name,
    in: 'query',
    description,
    schema: { type: 'string' },
  }));
  return {
    operationId: id,
    summary,
    parameters: [...inPath, ...inQuery],
    ...(body && {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: body, ...(example.body !== undefined && { example: example.body }) } },
      },
    }),
    responses: {
      [example.status < 400 ? example.status : 200]: { description: 'Done.' },
      default: ERROR,
    },
  };
}
