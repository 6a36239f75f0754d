import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { GrpcMethods } from '@spoor/grpc';

type Answer = (question: Uint8Array) => Uint8Array;

/** The versions of the protocol, which have the same messages. */
const PATHS = ['v1', 'v1alpha'].map((version) => `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`);

/**
 * Server reflection of what is served on 14250 (CONTRACT §1.1). What it tells is loaded with the first question: most collectors
 * are never asked.
 */
export function reflectionMethods(): GrpcMethods {
  let loading: Promise<ReadonlyMap<string, Answer>> | undefined;
  return Object.fromEntries(
    PATHS.map((path) => [
      path,
      {
        kind: 'conversation',
        async answer(message) {
          loading ??= loadAnswers();
          return (await loading).get(path)!(message);
        },
      },
    ]),
  );
}

async function loadAnswers(): Promise<ReadonlyMap<string, Answer>> {
  const [{ loadSync }, { ReflectionService }] = await Promise.all([
    import('@grpc/proto-loader'),
    import('@grpc/reflection'),
  ]);
  const definition = loadSync(['jaeger/api_v2/collector.proto', 'jaeger/api_v2/sampling.proto'], {
    includeDirs: [protoDirectoryOf('@spoor/jaeger'), protoDirectoryOf('@spoor/sampling')],
  });
  const answers = new Map<string, Answer>();
  new ReflectionService(definition).addToServer({
    addService(service, implementation) {
      for (const [name, method] of Object.entries(service)) {
        const answer = answerOf(implementation[name] as unknown as Converse);
        answers.set(method.path, (question) =>
          method.responseSerialize(answer(method.requestDeserialize(Buffer.from(question)))),
        );
      }
    },
  });
  return answers;
}

/** How a method of grpc-js takes a stream that goes both ways. */
type Converse = (stream: {
  on(event: string, listener: (message?: unknown) => void): void;
  write(answer: unknown): void;
}) => void;

/** The service answers each question before it returns. */
function answerOf(converse: Converse): (question: unknown) => unknown {
  let ask: (question: unknown) => void = () => {};
  let answered: unknown;
  converse({
    on(event, listener) {
      if (event === 'data') ask = listener;
    },
    write(answer) {
      answered = answer;
    },
  });
  return (question) => {
    ask(question);
    return answered;
  };
}

function protoDirectoryOf(library: string): string {
  return join(dirname(createRequire(import.meta.url).resolve(library)), '..', 'proto');
}
