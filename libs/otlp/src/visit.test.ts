import { attributeValue, operationNameOf, serviceNameOf } from '@spoor/model';
import { expect, test } from 'vitest';
import { createSpanGenerator } from '../../../test/fixtures/spans.ts';
import type { AttributeTable } from './attribute-table.ts';
import { ATTRIBUTE_STRIDE, KEY_END, KEY_START } from './attribute-table.ts';
import { attributeText, attributeTextAt, attributeValueAt } from './attribute-text.ts';
import { decodeResource, decodeScope, decodeSpan, decodeTraces } from './decode.ts';
import { encodeTraces } from './encode.ts';
import { SpanCursor } from './visit.ts';

function rows(cursor: SpanCursor, table: AttributeTable) {
  return Array.from({ length: table.count }, (_, row) => ({
    key: cursor.text(table.cells[row * ATTRIBUTE_STRIDE + KEY_START]!, table.cells[row * ATTRIBUTE_STRIDE + KEY_END]!),
    value: attributeValueAt(cursor.bytes, table, row),
  }));
}

function eventTimes(cursor: SpanCursor): bigint[] {
  return Array.from({ length: cursor.eventCount }, (_, i) => {
    const [low = 0, high = 0] = cursor.eventTimes.subarray(2 * i);
    return (BigInt(high) << 32n) | BigInt(low);
  });
}

test('the cursor finds what the decoder decodes', () => {
  const bytes = encodeTraces(createSpanGenerator({ seed: 3 }).spans(300));
  const decoded = decodeTraces(bytes);
  const cursor = new SpanCursor(bytes);
  for (const span of decoded) {
    expect(cursor.next()).toBe(true);
    expect(cursor.traceId()).toBe(span.traceId);
    expect(cursor.spanId()).toBe(span.spanId);
    expect(cursor.parentSpanId()).toBe(span.parentSpanId);
    expect(cursor.startTimeUnixNano()).toBe(span.startTimeUnixNano);
    expect(cursor.endTimeUnixNano()).toBe(span.endTimeUnixNano);
    expect(cursor.kind()).toBe(span.kind);
    expect(cursor.statusNumber).toBe(span.status.code === 'error' ? 2 : 0);
    expect(cursor.serviceName()).toBe(serviceNameOf(span.resource));
    expect(cursor.operationName()).toBe(operationNameOf(span));
    expect(cursor.linkCount).toBe(span.links.length);
    expect(eventTimes(cursor)).toEqual(span.events.map((event) => event.timeUnixNano));
    expect(rows(cursor, cursor.spanAttributes)).toEqual(span.attributes);
    expect(rows(cursor, cursor.resourceAttributes)).toEqual(span.resource.attributes);
    expect(rows(cursor, cursor.eventAttributes)).toEqual(span.events.flatMap((event) => event.attributes));
    const resourceUrl = cursor.text(cursor.resourceSchemaUrlStart, cursor.resourceSchemaUrlEnd);
    const scopeUrl = cursor.text(cursor.scopeSchemaUrlStart, cursor.scopeSchemaUrlEnd);
    const resource = decodeResource(bytes, cursor.resourceStart, cursor.resourceEnd, resourceUrl);
    const scope = decodeScope(bytes, cursor.scopeStart, cursor.scopeEnd, scopeUrl);
    expect(decodeSpan(bytes, cursor.spanStart, cursor.spanEnd, resource, scope)).toEqual(span);
  }
  expect(cursor.next()).toBe(false);
});

test('a cursor of fields tells what one of everything tells, but no attributes and events of spans', () => {
  const bytes = encodeTraces(createSpanGenerator({ seed: 4 }).spans(100));
  const [all, fields] = [new SpanCursor(bytes), new SpanCursor(bytes, { reads: 'fields' })];
  const told = (cursor: SpanCursor) => [
    ...[cursor.traceId(), cursor.spanId(), cursor.parentSpanId(), cursor.serviceName(), cursor.operationName()],
    ...[cursor.startTimeUnixNano(), cursor.endTimeUnixNano(), cursor.kind(), cursor.statusNumber, cursor.linkCount],
  ];
  while (all.next()) {
    expect(fields.next()).toBe(true);
    expect(told(fields)).toEqual(told(all));
    expect([fields.spanAttributes.count, fields.eventAttributes.count, fields.eventCount]).toEqual([0, 0, 0]);
  }
  expect(fields.next()).toBe(false);
});

test.each([
  { value: 'as it is', text: 'as it is' },
  { value: true, text: 'true' },
  { value: -9_223_372_036_854_775_808n, text: '-9223372036854775808' },
  { value: 0.1, text: '0.1' },
  { value: Number.NaN, text: 'NaN' },
  { value: new Uint8Array([0, 255]), text: '00ff' },
  { value: null, text: '' },
  { value: ['a"', 1n, null, Number.POSITIVE_INFINITY], text: '["a\\"",1,null,"Infinity"]' },
  {
    value: {
      entries: [
        { key: 'b', value: new Uint8Array([1]) },
        { key: 'a', value: { entries: [] } },
      ],
    },
    text: '{"b":"01","a":{}}',
  },
])('the text of a value is $text', ({ value, text }) => {
  expect(attributeText(value)).toBe(text);
  const [span] = createSpanGenerator().spans(1);
  const bytes = encodeTraces([{ ...span!, attributes: [{ key: 'k', value }] }]);
  const cursor = new SpanCursor(bytes);
  expect(cursor.next()).toBe(true);
  expect(attributeTextAt(bytes, cursor.spanAttributes, 0)).toBe(text);
  expect(attributeValue(decodeTraces(bytes)[0]!.attributes, 'k')).toEqual(value);
});

test.each([
  { attributes: [], name: 'missing-service-name' },
  { attributes: [{ key: 'service.name', value: 1n }], name: 'service-name-wrong-type' },
  { attributes: [{ key: 'service.name', value: '' }], name: 'empty-service-name' },
  {
    attributes: [
      { key: 'service.name', value: 'first' },
      { key: 'service.name', value: 'second' },
    ],
    name: 'first',
  },
])('a resource is named $name by cursor and model alike', ({ attributes, name }) => {
  const [span] = createSpanGenerator().spans(1);
  const resource = { attributes, droppedAttributesCount: 0, schemaUrl: '' };
  const cursor = new SpanCursor(encodeTraces([{ ...span!, name: '', resource }]));
  expect(cursor.next()).toBe(true);
  expect(cursor.serviceName()).toBe(name);
  expect(serviceNameOf(resource)).toBe(name);
  expect(cursor.operationName()).toBe('empty-span-name');
});

test('the cursor counts links and events, and knows when each event was', () => {
  const [span] = createSpanGenerator().spans(1);
  const times = Array.from({ length: 40 }, (_, i) => (1n << 60n) + BigInt(i));
  const link = {
    traceId: span!.traceId,
    spanId: span!.spanId,
    traceState: '',
    attributes: [],
    droppedAttributesCount: 0,
  };
  const event = { name: 'e', attributes: [{ key: 'k', value: 1n }], droppedAttributesCount: 0 };
  const bytes = encodeTraces([
    { ...span!, events: times.map((timeUnixNano) => ({ ...event, timeUnixNano })), links: [] },
    { ...span!, events: [{ ...event, timeUnixNano: 0n }], links: [{ ...link, flags: 0 }] },
  ]);
  const cursor = new SpanCursor(bytes);
  expect(cursor.next()).toBe(true);
  expect(eventTimes(cursor)).toEqual(times);
  expect(cursor.eventAttributes.count).toBe(40);
  expect(cursor.linkCount).toBe(0);
  expect(cursor.next()).toBe(true);
  expect(eventTimes(cursor)).toEqual([0n]);
  expect(cursor.linkCount).toBe(1);
});
