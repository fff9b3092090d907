import { EmtaError } from '../../kernel/errors.ts';
import { parseJson } from '../../kernel/json-text.ts';
import type { Json } from '../../kernel/ports.ts';
import { allScopes, authMethods, type Client } from '../../oidc/clients.ts';
import { librarySettings } from './client-settings.ts';
import type { Kit, Shown, Visit } from './kit.ts';
import type { ClientPage } from './pages.ts';

/** Members with a field of their own; the rest stands together as JSON. */
const OWN = new Set([
  'client_id',
  'client_secret',
  'client_name',
  'redirect_uris',
  'token_endpoint_auth_method',
  'scope',
]);

/** The relying parties, and what to paste into each of them. */
export function clientPages(kit: Kit): void {
  const { control, home } = kit.ports;
  const back = `${home}clients`;

  kit.get('clients', 'clients', async ({ page, lang }) => ({
    name: 'console/clients',
    model: {
      ...page,
      add: `${back}/new`,
      clients: (await control.clients.list()).map((client) => ({
        id: client.client_id,
        name: nameOf(client, lang),
        href: `${back}/${encodeURIComponent(client.client_id)}`,
        method: client.token_endpoint_auth_method,
        redirectUris: client.redirect_uris,
      })),
    },
  }));

  kit.get('clients/new', 'clients', async (visit) => newClient(visit));
  kit.post('clients/new', {
    part: 'clients',
    async act(visit) {
      const id = visit.field('client_id');
      if (await registered(id)) {
        throw new EmtaError('bad_client', `expected a "client_id" that is free, got "${id}"`);
      }
      await visit.call('putClient', { path: { client_id: id }, body: clientIn(visit) });
      return { to: `clients/${encodeURIComponent(id)}`, done: 'added' };
    },
    again: async (visit) => newClient(visit),
  });

  kit.get('clients/:id', 'clients', async (visit) => {
    const client = await registered(String(visit.ctx.params.id));
    if (!client) {
      visit.ctx.redirect(back);
      return undefined;
    }
    return knownClient(visit, client);
  });
  kit.post('clients/:id', {
    part: 'clients',
    async act(visit) {
      const id = String(visit.ctx.params.id);
      await visit.call('putClient', { path: { client_id: id }, body: { ...clientIn(visit), client_id: id } });
      return { to: `clients/${encodeURIComponent(id)}`, done: 'changed' };
    },
    again: clientAgain,
  });
  kit.post('clients/:id/remove', {
    part: 'clients',
    async act(visit) {
      await visit.call('deleteClient', { path: { client_id: String(visit.ctx.params.id) } });
      return { to: 'clients', done: 'removed' };
    },
    again: clientAgain,
  });

  /** Not `find`, which knows everybody where any client is taken. */
  async function registered(id: string): Promise<Client | undefined> {
    return (await control.clients.list()).find(({ client_id }) => client_id === id);
  }

  async function clientAgain(visit: Visit): Promise<Shown> {
    const client = await registered(String(visit.ctx.params.id));
    return client ? knownClient(visit, client) : newClient(visit);
  }

  function newClient(visit: Visit): Shown {
    return {
      name: 'console/client',
      model: {
        ...visit.form,
        back,
        action: `${back}/new`,
        ...formOf(visit, undefined),
        settings: [],
      },
    };
  }

  function knownClient(visit: Visit, client: Client): Shown {
    const address = `${back}/${encodeURIComponent(client.client_id)}`;
    return {
      name: 'console/client',
      model: {
        ...visit.form,
        title: nameOf(client, visit.lang),
        back,
        action: address,
        remove: `${address}/remove`,
        ...formOf(visit, client),
        settings: librarySettings(client, control.issuer),
      },
    };
  }
}

function nameOf(client: Client, lang: 'fa' | 'en'): string {
  return (lang === 'en' ? client.emta_client_name_en : undefined) ?? client.client_name ?? client.client_id;
}

/** The form with what was typed, or else with what is registered. */
function formOf(
  { posted, field }: Visit,
  client: Client | undefined,
): Pick<ClientPage, 'fields' | 'choices' | 'redirectUris' | 'scopes' | 'others'> {
  const isTyped = posted.redirect_uris !== undefined;
  const value = (name: string, registered: string | undefined) => (isTyped ? field(name) : (registered ?? ''));
  const method = value('token_endpoint_auth_method', client?.token_endpoint_auth_method) || 'client_secret_post';
  const scopes = isTyped ? (posted.scope ?? []) : (client?.scope ?? USUAL_SCOPES).split(' ');
  const others = Object.fromEntries(Object.entries(client ?? {}).filter(([name]) => !OWN.has(name)));
  return {
    fields: [
      {
        name: 'client_id',
        label: { key: 'console.client.id' },
        value: value('client_id', client?.client_id),
        isCode: true,
        required: true,
        ...(client && { readonly: true }),
      },
      { name: 'client_name', label: { key: 'console.client.name' }, value: value('client_name', client?.client_name) },
      {
        name: 'client_secret',
        label: { key: 'console.client.secret' },
        value: value('client_secret', client?.client_secret),
        isCode: true,
      },
    ],
    choices: [
      {
        name: 'token_endpoint_auth_method',
        label: { key: 'console.client.method' },
        choices: authMethods.map((each) => ({
          value: each,
          label: { key: `console.client.${each}` },
          isChosen: each === method,
        })),
      },
    ],
    redirectUris: isTyped ? field('redirect_uris') : (client?.redirect_uris ?? []).join('\n'),
    scopes: allScopes.map((scope) => ({
      name: 'scope',
      value: scope,
      label: { key: SCOPE_LABELS[scope] },
      isChecked: scopes.includes(scope),
    })),
    others: isTyped ? field('others') : Object.keys(others).length > 0 ? JSON.stringify(others, null, 2) : '',
  };
}

/** What the circular has a sale site ask for. */
const USUAL_SCOPES = 'openid user:identity:general user:primaryMobileNumber';

const SCOPE_LABELS = {
  openid: 'console.scope.openid',
  offline_access: 'console.scope.offline',
  'user:identity:general': 'console.scope.identity',
  'user:primaryMobileNumber': 'console.scope.mobile',
  'user:primaryEmail': 'console.scope.email',
  'user:status': 'console.scope.status',
} as const satisfies Readonly<Record<(typeof allScopes)[number], string>>;

/** The metadata of a form; what is empty is absent. */
function clientIn({ field, posted }: Visit): Record<string, Json> {
  const texts = ['client_id', 'client_name', 'client_secret', 'token_endpoint_auth_method'];
  return {
    ...othersIn(field('others')),
    ...Object.fromEntries(texts.flatMap((name) => (field(name) === '' ? [] : [[name, field(name)]]))),
    redirect_uris: field('redirect_uris').split(/\s+/).filter(Boolean),
    scope: (posted.scope ?? []).join(' '),
  };
}

function othersIn(text: string): Record<string, Json> {
  if (text === '') return {};
  const parsed = parseJson(text);
  if (!parsed.ok) {
    throw new EmtaError('bad_client', `expected the other members to be JSON, got "${text.slice(0, 60)}"`);
  }
  const { value } = parsed;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, Json>;
  throw new EmtaError('bad_client', 'expected the other members to be a JSON object, got something else');
}
