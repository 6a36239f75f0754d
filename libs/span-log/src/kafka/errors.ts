import { SpoorError } from '@spoor/model';

/** What the clients call settings that can never work: credentials, certificates, options. */
const CONFIGURATION = new Set([
  'PLT_KFK_AUTHENTICATION',
  'KafkaJSSASLAuthenticationError',
  'KafkaJSUnsupportedMagicByteInMessageSet',
]);
const TLS = /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_(GET|VERIFY))/;

/** Brokers that refuse a token say so in the exchange; the clients do not look there, go on, and are told this. */
const SASL_STATE = /not valid given the current SASL state/i;
const REFUSED_TOKEN = 'the brokers refuse the token of OAUTHBEARER';

/** The messages of an error and of those behind it, each once, at most 300 characters. */
export function reasonOf(thrown: unknown): string {
  const messages = new Set<string>();
  for (const error of chain(thrown)) {
    if (SASL_STATE.test(error.message)) messages.add(REFUSED_TOKEN);
    messages.add(error.message);
  }
  return [...messages].join(': ').slice(0, 300) || String(thrown).slice(0, 300);
}

/** Whether brokers refused a record batch for its size. */
export function isTooLarge(reason: string): boolean {
  return /too large|MESSAGE_TOO_LARGE|larger than/i.test(reason);
}

/** Retryable, with what to do, unless it is configuration that can never work. */
export function kafkaError(doing: string, thrown: unknown): SpoorError {
  if (thrown instanceof SpoorError) return thrown;
  const reason = reasonOf(thrown);
  for (const error of chain(thrown)) {
    const code = String((error as { code?: unknown }).code ?? '');
    if (CONFIGURATION.has(code) || CONFIGURATION.has(error.name) || TLS.test(code))
      return new SpoorError('SPOOR_INVALID_CONFIGURATION', `Kafka refused us while ${doing}: ${reason}`, {
        cause: thrown,
      });
  }
  const remedy = isTooLarge(reason)
    ? "; raise the topic's max.message.bytes or lower kafka.maxRequestBytesPerPartition"
    : '';
  return new SpoorError('SPOOR_SPAN_LOG_UNAVAILABLE', `Kafka failed while ${doing}: ${reason}${remedy}`, {
    cause: thrown,
    retryAfterMs: 1000,
  });
}

/** Breadth first, bounded: clients put up to a thousand attempts into one error. */
function* chain(thrown: unknown): Generator<Error> {
  const queue: unknown[] = [thrown];
  for (let seen = 0; queue.length > 0 && seen < 20; seen += 1) {
    const error = queue.shift();
    if (!(error instanceof Error)) continue;
    yield error;
    queue.push(error.cause);
    if (error instanceof AggregateError) queue.push(...error.errors.slice(-3));
  }
}
