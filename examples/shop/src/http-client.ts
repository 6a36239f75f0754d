import { context, propagation, SpanKind, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api';
import { recordFailure } from './failure.ts';

export interface CallOptions {
  readonly parameters?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** How often this request was sent before. */
  readonly resendCount?: number;
}

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: the services of the shop trust one another's answers.
  readonly body: any;
}

/** Sends a request to another service: `call('GET /products/{id}', { parameters: { id } })`. */
export type Call = (route: string, options?: CallOptions) => Promise<Answer>;

/** Calls the service at `baseUrl`, each request as a span of kind client whose context travels in the headers. */
export function caller(tracer: Tracer, baseUrl: string): Call {
  const { hostname, port } = new URL(baseUrl);
  return async (route, { parameters = {}, query = {}, body, resendCount } = {}) => {
    const [method = 'GET', template = '/'] = route.split(' ');
    const url = new URL(
      template.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(parameters[name] ?? '')),
      baseUrl,
    );
    url.search = new URLSearchParams(query).toString();
    const span = tracer.startSpan(route, {
      kind: SpanKind.CLIENT,
      attributes: {
        'http.request.method': method,
        'url.full': url.href,
        'url.template': template,
        'server.address': hostname,
        'server.port': Number(port),
        ...(resendCount ? { 'http.request.resend_count': resendCount } : {}),
      },
    });
    const headers: Record<string, string> = { 'user-agent': 'shop/1.0' };
    propagation.inject(trace.setSpan(context.active(), span), headers);
    if (body !== undefined) headers['content-type'] = 'application/json';
    try {
      const response = await fetch(url, {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const answer: Answer = { status: response.status, body: await response.json() };
      span.setAttribute('http.response.status_code', answer.status);
      if (answer.status >= 400) {
        span.setAttribute('error.type', String(answer.status));
        span.setStatus({ code: SpanStatusCode.ERROR, message: String(answer.body?.message ?? answer.status) });
      }
      return answer;
    } catch (error) {
      recordFailure(span, error);
      throw error;
    } finally {
      span.end();
    }
  };
}
