import { describe, expect, test } from 'vitest';
import { bulkItems, itemOutcome, requestOutcome } from './item-outcome.ts';

const error = (type: string, reason = '') => ({ type, reason });

describe('an item of a bulk answer', () => {
  test.each([
    ['created', { status: 201 }, { kind: 'stored', wasThere: false }],
    [
      'there before',
      { status: 409, error: error('version_conflict_engine_exception') },
      { kind: 'stored', wasThere: true },
    ],
  ])('is stored when it was %s', (_what, answer, outcome) => {
    expect(itemOutcome(answer)).toEqual(outcome);
  });

  test.each([
    ['a full queue', 429, error('es_rejected_execution_exception')],
    ['a circuit breaker', 429, error('circuit_breaking_exception')],
    [
      'the flood-stage block',
      429,
      error('cluster_block_exception', 'blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded'),
    ],
    ['a read-only block', 403, error('cluster_block_exception', 'blocked by: [FORBIDDEN/8/index write (api)]')],
    ['a login that lacks rights', 403, error('security_exception')],
    ['shards that are away', 503, error('unavailable_shards_exception')],
    ['a missing write alias', 404, error('index_not_found_exception')],
    [
      'an alias without a write index',
      400,
      error('illegal_argument_exception', 'no write index is defined for alias [x]'),
    ],
    ['a closed index', 400, error('index_closed_exception')],
    [
      'too many shards',
      400,
      error('validation_exception', 'this action would add [2] shards, but this cluster currently has'),
    ],
    ['no status at all', 0, error('anything')],
  ])('is sent again after %s', (_what, status, why) => {
    expect(itemOutcome({ status, error: why }).kind).toBe('retry');
  });

  test.each([
    ['a mapping', 400, error('mapper_parsing_exception', 'failed to parse field [start]'), 'unstorable'],
    ['a mapping of Elasticsearch 8', 400, error('document_parsing_exception'), 'unstorable'],
    [
      'too many fields',
      400,
      error('illegal_argument_exception', 'Limit of total fields [1000] has been exceeded'),
      'unstorable',
    ],
    ['its size', 413, error('request_entity_too_large'), 'too_large'],
  ])('is refused for good because of %s', (_what, status, why, reason) => {
    expect(itemOutcome({ status, error: why })).toMatchObject({ kind: 'rejected', reason });
  });

  test('tells no more than 200 characters of what the server said', () => {
    const outcome = itemOutcome({ status: 400, error: error('mapper_parsing_exception', 'x'.repeat(5_000)) });
    expect((outcome as { message: string }).message.length).toBeLessThan(300);
  });
});

describe('the answer to a whole request', () => {
  test('asks for halves when it was too large, or not understood', () => {
    expect(requestOutcome(413, '')).toMatchObject({ kind: 'split', reason: 'too_large' });
    const body = JSON.stringify({ error: error('x_content_parse_exception', 'malformed'), status: 400 });
    expect(requestOutcome(400, body)).toMatchObject({ kind: 'split', reason: 'unstorable' });
  });

  test('is tried again otherwise, also when it is not from the search server', () => {
    expect(requestOutcome(429, '')).toMatchObject({ kind: 'retry', isOverload: true });
    expect(requestOutcome(400, '<html>bad gateway</html>')).toMatchObject({ kind: 'retry' });
    expect(requestOutcome(401, '')).toMatchObject({ kind: 'retry' });
  });

  test('has no items when it is none', () => {
    expect(bulkItems('{"items":[{"create":{"status":201}}]}')).toEqual([{ status: 201 }]);
    expect(bulkItems('<html>')).toBeUndefined();
    expect(bulkItems('{}')).toBeUndefined();
  });
});
