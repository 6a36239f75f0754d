import { expect, test } from 'vitest';
import { link, resource, span, warningsIn } from '../test/spans.ts';
import { formatIpAttributes } from './ip-attributes.ts';
import { moveLibraryAttributes } from './library-attributes.ts';
import { dropEmptyLinks } from './links.ts';

test('addresses that came as numbers become dotted quads', () => {
  const [adjusted] = formatIpAttributes([
    span({
      attributes: [
        { key: 'peer.ipv4', value: -1_062_731_520n },
        { key: 'other', value: 5n },
      ],
      resource: resource('shop', [{ key: 'ip', value: 2_130_706_433 }]),
    }),
  ]);
  expect(adjusted?.attributes).toEqual([
    { key: 'peer.ipv4', value: '192.168.1.0' },
    { key: 'other', value: 5n },
  ]);
  expect(adjusted?.resource.attributes[1]).toEqual({ key: 'ip', value: '127.0.0.1' });
});

test('addresses that are text already are left alone', () => {
  const spans = [span({ attributes: [{ key: 'peer.ipv4', value: '10.0.0.1' }] })];
  expect(formatIpAttributes(spans)).toBe(spans);
});

test('what names the library moves to the resource, for all spans of that resource', () => {
  const shared = resource('shop');
  const name = { key: 'telemetry.sdk.name', value: 'opentelemetry' };
  const [a, b] = moveLibraryAttributes([span({ attributes: [name], resource: shared }), span({ resource: shared })]);
  expect(a?.attributes).toEqual([]);
  expect(a?.resource.attributes).toContainEqual(name);
  expect(b?.resource).toBe(a?.resource);
});

test('a span that contradicts its resource keeps its own, with a warning', () => {
  const own = { key: 'telemetry.sdk.version', value: '2' };
  const of = resource('shop', [{ key: 'telemetry.sdk.version', value: '1' }]);
  const [adjusted] = moveLibraryAttributes([span({ attributes: [own], resource: of })]);
  expect(adjusted?.attributes).toContainEqual(own);
  expect(adjusted?.resource).toBe(of);
  expect(warningsIn(adjusted)).toEqual([
    'the span and its resource differ in telemetry.sdk.version; the span keeps its own value',
  ]);
});

test('links that lead nowhere are dropped with a warning', () => {
  const [adjusted] = dropEmptyLinks([
    span({ links: [link({ spanId: '' }), link(), link({ traceId: '0'.repeat(32) })] }),
  ]);
  expect(adjusted?.links).toEqual([link()]);
  expect(warningsIn(adjusted)).toEqual(['dropped 2 links with an empty trace ID or span ID']);
});
