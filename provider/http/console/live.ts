import type { Exchange } from '../../journal/journal.ts';
import { steps } from '../../steps/index.ts';
import type { Journey } from '../../steps/journey.ts';
import type { Lang } from '../message.ts';
import { exchangeView } from './exchange-view.ts';
import { journeyView } from './journey-view.ts';
import type { Kit } from './kit.ts';
import type { ExchangeView, JourneyView } from './pages.ts';
import { numberedSms } from './phone.ts';

const SHOWN = { journeys: 20, messages: 6, loose: 20 } as const;

/** What is going on now, and everything about one journey. */
export function livePages(kit: Kit): void {
  const { control, feed, home } = kit.ports;

  kit.get('', 'live', async ({ ctx, page, lang }) => {
    const { mobile } = ctx.query;
    // The developer's strip of Emta's pages leads here with the number that is being walked.
    if (typeof mobile === 'string' && mobile !== '') {
      ctx.redirect(`${home}phone?mobile=${encodeURIComponent(mobile)}`);
      return undefined;
    }
    const [messages, journeys] = await Promise.all([control.outbox.list(), newestJourneys(lang)]);
    return {
      name: 'console/live',
      model: {
        ...page,
        issuer: control.issuer,
        ...(journeys.length === 0 && { discovery: `${control.issuer}/.well-known/openid-configuration` }),
        journeys,
        messages: messages
          .slice(-SHOWN.messages)
          .reverse()
          .map((message) => numberedSms(message, home)),
        loose: await looseExchanges(),
      },
    };
  });

  kit.get('journeys/:uid', 'live', async ({ ctx, page, lang }) => {
    const journey = await control.journeys.get(String(ctx.params.uid));
    if (!journey) {
      // Forgotten by a reset, or long over.
      ctx.redirect(home);
      return undefined;
    }
    const exchanges = await control.journal.exchanges({ journey: journey.uid });
    const client = await control.clients.find(journey.clientId);
    const facts = { ...(client && { client }), others: exchanges };
    return {
      name: 'console/journey',
      model: {
        ...page,
        journey: await viewOf(journey, exchanges, lang),
        exchanges: exchanges.map((exchange) => exchangeView(exchange, facts)),
      },
    };
  });

  async function newestJourneys(lang: Lang): Promise<readonly JourneyView[]> {
    const uids = (await feed.newestJourneys()).slice(-SHOWN.journeys).reverse();
    const views = await Promise.all(
      uids.map(async (uid) => {
        const [journey, exchanges] = await Promise.all([
          control.journeys.get(uid),
          control.journal.exchanges({ journey: uid }),
        ]);
        return journey && viewOf(journey, exchanges, lang);
      }),
    );
    return views.filter((view) => view !== undefined);
  }

  async function viewOf(journey: Journey, exchanges: readonly Exchange[], lang: Lang): Promise<JourneyView> {
    const client = await control.clients.find(journey.clientId);
    const { clock, rules } = control;
    const step = steps.findIndex(({ name }) => name === journey.step) + 1;
    return journeyView(journey, { clock, rules, lang, client, exchanges, home, step });
  }

  async function looseExchanges(): Promise<readonly ExchangeView[]> {
    const found = (await feed.looseExchanges()).slice(-SHOWN.loose).reverse();
    return Promise.all(
      found.map(async (exchange) => {
        const client = exchange.clientId ? await control.clients.find(exchange.clientId) : undefined;
        return exchangeView(exchange, { ...(client && { client }) });
      }),
    );
  }
}
