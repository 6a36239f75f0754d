import type { Span } from '@spoor/model';
import { attributeText, encodeTraces } from '@spoor/otlp';
import type { Storage } from '@spoor/storage';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSpanGenerator } from '../../fixtures/spans.ts';
import { foundOrSkipped, type SearchServer, startElasticsearch, startOpenSearch } from '../../harness/index.ts';
import { call, createForTest, ownPrefix, removeIndices, startForTest } from './open-search-store.ts';
import {
  findTraceIds,
  operationsRequest,
  type PeerConditions,
  servicesRequest,
  type TracePage,
  tracesRequest,
} from './peer-requests.ts';

const SERVERS = { elasticsearch: await startElasticsearch(), opensearch: await startOpenSearch() };
const NANOS_PER_MS = 1_000_000n;
const BEGINNING_MS = Date.UTC(2026, 0, 1, 22);
const END_MS = Date.UTC(2026, 0, 2, 4);
const HOUR_MS = 3_600_000;
const LARGE = 30;
const { signal } = new AbortController();
const context = { tenant: 'default', signal };

/** Traces of two days and one large trace whose last spans have one start. */
function spansToWrite(): readonly Span[] {
  const spans = createSpanGenerator({
    seed: 5,
    startTimeUnixNano: BigInt(BEGINNING_MS) * NANOS_PER_MS,
    traceIntervalNanos: 600_000n * NANOS_PER_MS,
    spansPerTrace: 6,
  }).spans(150);
  const [model] = spans;
  const large = Array.from({ length: LARGE }, (_, i): Span => {
    const start = BigInt(BEGINNING_MS + Math.min(i, LARGE / 2)) * NANOS_PER_MS;
    return {
      ...model!,
      traceId: 'f'.repeat(32),
      spanId: (i + 1).toString(16).padStart(16, '0'),
      parentSpanId: i === 0 ? '' : '0000000000000001',
      name: 'large',
      startTimeUnixNano: start,
      endTimeUnixNano: start + BigInt(i + 1) * NANOS_PER_MS,
      events: [
        {
          timeUnixNano: start,
          name: 'exception',
          attributes: [{ key: 'exception.type', value: `Error${i}` }],
          droppedAttributesCount: 0,
        },
      ],
    };
  });
  return [...spans, ...large];
}

const SPANS = spansToWrite();
const TRACE_IDS = [...new Set(SPANS.map(({ traceId }) => traceId))];
const microsOf = (nanos: bigint) => Number(nanos / 1_000n);
const durationOf = (span: Span) => microsOf(span.endTimeUnixNano - span.startTimeUnixNano);
const textOf = (span: Pick<Span, 'attributes'>, key: string) => {
  const found = span.attributes.find((one) => one.key === key);
  return found === undefined ? undefined : attributeText(found.value);
};
const serviceOf = ({ resource }: Span) => textOf(resource, 'service.name') ?? '';

/** The traces with a span that is right, newest first, by the definition and not by any search. */
function tracesWhere(isRight: (span: Span) => boolean): string[] {
  const newest = new Map<string, bigint>();
  for (const span of SPANS) {
    const { traceId, startTimeUnixNano: start } = span;
    if (isRight(span) && start > (newest.get(traceId) ?? -1n)) newest.set(traceId, start);
  }
  return [...newest].sort(([, a], [, b]) => Number(b - a)).map(([traceId]) => traceId);
}

interface Buckets {
  readonly aggregations: Readonly<Record<string, { readonly buckets: readonly { readonly key: string }[] }>>;
}

interface SpanHit {
  readonly _source: Readonly<Record<string, unknown>>;
  readonly sort: readonly unknown[];
}

interface Traces {
  readonly responses: readonly {
    readonly status: number;
    readonly hits: { readonly total: { readonly value: number }; readonly hits: readonly SpanHit[] };
  }[];
}

for (const [flavour, outside] of Object.entries(SERVERS)) {
  test(`there is ${flavour}`, (context) => {
    foundOrSkipped<SearchServer>(outside, (note) => context.skip(note));
  });

  describe.skipIf('missing' in outside)(`a Jaeger on ${flavour} reads what Spoor wrote`, () => {
    if ('missing' in outside) return;
    const { url } = outside.found;
    const indexPrefix = ownPrefix();
    const spanIndices = ['2026-01-01', '2026-01-02'].map((day) => `${indexPrefix}-jaeger-span-${day}`);
    const serviceIndices = ['2026-01-01', '2026-01-02'].map((day) => `${indexPrefix}-jaeger-service-${day}`);
    let store: Storage;

    beforeAll(async () => {
      store = await startForTest(createForTest(url, { indexPrefix, layout: 'jaeger' }));
      const batch = { tenant: 'default', encoding: 'otlp_proto', spanCount: SPANS.length } as const;
      const outcome = await store.writer.write([{ ...batch, bytes: encodeTraces(SPANS) }], context);
      expect(outcome).toEqual({ accepted: SPANS.length, rejected: [] });
    });
    afterAll(async () => {
      await store.stop(signal);
      await removeIndices(url, indexPrefix);
    });

    async function namesOf(indices: readonly string[], aggregation: string, body: object): Promise<string[]> {
      const path = `/${indices.join(',')}/_search?ignore_unavailable=true`;
      const { aggregations } = (await call(url, 'POST', path, body)) as Buckets;
      return aggregations[aggregation]!.buckets.map(({ key }) => key);
    }

    const found = (conditions: Partial<PeerConditions>) =>
      namesOf(
        spanIndices,
        'traceIDs',
        findTraceIds({ startMs: BEGINNING_MS, endMs: END_MS, limit: 1_000, ...conditions }),
      );

    test('its services and operations', async () => {
      const services = [...new Set(SPANS.map(serviceOf))].sort();
      expect((await namesOf(serviceIndices, 'distinct_services', servicesRequest())).sort()).toEqual(services);
      for (const service of services) {
        const operations = [...new Set(SPANS.filter((span) => serviceOf(span) === service).map(({ name }) => name))];
        const read = await namesOf(serviceIndices, 'distinct_operations', operationsRequest(service));
        expect(read.sort()).toEqual(operations.sort());
      }
    });

    const [first] = SPANS;
    const isServer = ({ kind }: Span) => kind === 'server';
    const middleMs = BEGINNING_MS + 2 * HOUR_MS;
    const within = (from: number, to: number) => (span: Span) => {
      const ms = Number(span.startTimeUnixNano / NANOS_PER_MS);
      return ms >= from && ms <= to;
    };
    const searches: readonly (readonly [string, Partial<PeerConditions>, (span: Span) => boolean])[] = [
      ['everything', {}, () => true],
      ['a service', { service: serviceOf(first!) }, (span) => serviceOf(span) === serviceOf(first!)],
      [
        'a service and an operation',
        { service: serviceOf(first!), operation: first!.name },
        (span) => serviceOf(span) === serviceOf(first!) && span.name === first!.name,
      ],
      ['times before midnight', { endMs: middleMs - 1 }, within(BEGINNING_MS, middleMs - 1)],
      ['times after midnight', { startMs: middleMs }, within(middleMs, END_MS)],
      ['a least duration', { minMicros: 25_000 }, (span) => durationOf(span) >= 25_000],
      [
        'durations of both bounds',
        { minMicros: 2_000, maxMicros: 4_000 },
        (span) => durationOf(span) >= 2_000 && durationOf(span) <= 4_000,
      ],
      ['a tag that is a field', { tags: { 'span.kind': 'server' } }, isServer],
      ['errors', { tags: { error: 'true' } }, ({ status }) => status.code === 'error'],
      [
        'a tag in the list',
        { tags: { 'http.request.method': 'GET' } },
        (span) => textOf(span, 'http.request.method') === 'GET',
      ],
      [
        'a regular expression for a text',
        { tags: { 'http.request.method': 'P(OS|U)T' } },
        (span) => /^P(OS|U)T$/.test(textOf(span, 'http.request.method') ?? ''),
      ],
      [
        'a regular expression for a number',
        { tags: { 'http.response.status_code': '5..' } },
        (span) => /^5..$/.test(textOf(span, 'http.response.status_code') ?? ''),
      ],
      [
        'a tag of the process',
        { tags: { 'service.version': '.*' } },
        (span) => textOf(span.resource, 'service.version') !== undefined,
      ],
      [
        'a field of a log',
        { tags: { 'exception.type': 'Error1[0-9]' } },
        ({ events }) => events.some((event) => /^Error1[0-9]$/.test(textOf(event, 'exception.type') ?? '')),
      ],
      ['an event', { tags: { event: 'exception' } }, ({ events }) => events.some(({ name }) => name === 'exception')],
      [
        'two tags of one span',
        { tags: { 'span.kind': 'server', 'http.request.method': 'GET' } },
        (span) => isServer(span) && textOf(span, 'http.request.method') === 'GET',
      ],
    ];

    test.for(searches)('its search for %s', async ([, conditions, isRight]) => {
      const right = tracesWhere(isRight);
      expect(right).not.toEqual([]);
      expect(await found(conditions)).toEqual(right);
    });

    test('the newest of a search that finds more than it may', async () => {
      expect(await found({ limit: 3 })).toEqual(tracesWhere(() => true).slice(0, 3));
    });

    test.each([
      ['no such value', { 'http.request.method': 'GE' }] as const,
      ['no such key', { nothing: '.*' }] as const,
    ])('its search for %s finds nothing', async (_, tags) => {
      expect(await found({ tags })).toEqual([]);
    });

    /** Pages of every trace until each has as many spans as it is said to have. */
    async function readTraces(traceIds: readonly string[], size: number, breaksTies: boolean) {
      const hits = new Map<string, SpanHit[]>(traceIds.map((traceId) => [traceId, []]));
      let open = [...traceIds];
      while (open.length > 0) {
        const pages = open.map((traceId): TracePage => {
          const after = hits.get(traceId)!.at(-1)?.sort;
          const range = { startMs: BEGINNING_MS - 24 * HOUR_MS, endMs: END_MS + 24 * HOUR_MS };
          return { traceId, ...range, size, breaksTies, ...(after === undefined ? {} : { after }) };
        });
        const { responses } = (await call(url, 'POST', '/_msearch', tracesRequest(spanIndices, pages))) as Traces;
        open = open.filter((traceId, i) => {
          const { status, hits: page } = responses[i]!;
          expect(status).toBe(200);
          const known = hits.get(traceId)!;
          known.push(...page.hits);
          return page.hits.length > 0 && known.length < page.total.value;
        });
      }
      return new Map([...hits].map(([traceId, of]) => [traceId, of.map(({ _source }) => _source)]));
    }

    const expectedOf = (traceId: string) =>
      SPANS.filter((span) => span.traceId === traceId)
        .map((span) => ({
          traceID: traceId,
          spanID: span.spanId,
          operationName: span.name,
          startTime: microsOf(span.startTimeUnixNano),
          startTimeMillis: Number(span.startTimeUnixNano / NANOS_PER_MS),
          duration: durationOf(span),
          process: expect.objectContaining({ serviceName: serviceOf(span) }),
        }))
        .sort((a, b) => a.startTime - b.startTime || (a.spanID < b.spanID ? -1 : 1));

    test.each([
      ['as it will be', 7, true],
      ['up to 2.20', 1_000, false],
    ] as const)('its reading of traces, %s', async (_, size, breaksTies) => {
      const read = await readTraces(TRACE_IDS, size, breaksTies);
      for (const traceId of TRACE_IDS) {
        const documents = read.get(traceId)!;
        const inOrder = breaksTies ? documents : documents.toSorted(byStartAndId);
        const right = expectedOf(traceId);
        expect(inOrder).toHaveLength(right.length);
        expect(inOrder).toMatchObject(right);
      }
    });
  });
}

function byStartAndId(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): number {
  return Number(a['startTime']) - Number(b['startTime']) || (String(a['spanID']) < String(b['spanID']) ? -1 : 1);
}
