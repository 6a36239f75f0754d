import { SpanKind, type Tracer } from '@opentelemetry/api';
import { between, type Chance, pass } from './chance.ts';
import { recordFailure } from './failure.ts';

export interface Statement {
  readonly text: string;
  readonly operation: string;
  readonly table: string;
  /** How long the server takes: `fast` reads an index, `slow` reads the whole table. */
  readonly cost: 'fast' | 'slow';
}

export interface Database {
  /** Runs `work` as the database's answer, within a span of kind client. */
  query<T>(statement: Statement, work: () => T): Promise<T>;
}

const COST_MS = { fast: [2, 12], slow: [350, 900] } as const;

/**
 * A client of a database. There is no database: the answer comes from memory after the time that a real one would take.
 * The spans are those of a real client library, after the semantic conventions.
 */
export function connectDatabase(
  tracer: Tracer,
  chance: Chance,
  server: { readonly system: string; readonly namespace: string; readonly address: string; readonly port: number },
): Database {
  return {
    async query(statement, work) {
      const span = tracer.startSpan(`${statement.operation} ${statement.table}`, {
        kind: SpanKind.CLIENT,
        attributes: {
          'db.system.name': server.system,
          'db.namespace': server.namespace,
          'db.operation.name': statement.operation,
          'db.collection.name': statement.table,
          'db.query.text': statement.text,
          'server.address': server.address,
          'server.port': server.port,
        },
      });
      try {
        const [least, most] = COST_MS[statement.cost];
        await pass(between(chance, least, most));
        const result = work();
        span.setAttribute(
          'db.response.returned_rows',
          Array.isArray(result) ? result.length : result === undefined ? 0 : 1,
        );
        return result;
      } catch (error) {
        recordFailure(span, error);
        throw error;
      } finally {
        span.end();
      }
    },
  };
}
