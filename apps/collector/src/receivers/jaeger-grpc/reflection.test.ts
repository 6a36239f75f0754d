import { credentials, loadPackageDefinition, type ServiceClientConstructor } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { afterEach, expect, test } from 'vitest';
import { keepingProducer, startCollector, stopCollectors } from '../../test/start-collector.ts';

afterEach(stopCollectors);

interface Answer {
  readonly listServicesResponse?: { readonly service: readonly { readonly name: string }[] };
  readonly fileDescriptorResponse?: { readonly fileDescriptorProto: readonly Buffer[] };
  readonly errorResponse?: { readonly errorCode: number };
}

/** Asks one question after another in one call, as tools do. */
async function ask(address: string, version: string, questions: readonly object[]): Promise<Answer[]> {
  const proto = new URL(
    import.meta.resolve(`@grpc/reflection/build/proto/grpc/reflection/${version}/reflection.proto`),
  );
  const loaded = loadPackageDefinition(loadSync(proto.pathname)) as unknown as {
    readonly grpc: { readonly reflection: Record<string, { readonly ServerReflection: ServiceClientConstructor }> };
  };
  const client = new loaded.grpc.reflection[version]!.ServerReflection(address, credentials.createInsecure());
  try {
    const stream = client['ServerReflectionInfo']!() as unknown as AsyncIterable<Answer> & {
      write(question: object): void;
      end(): void;
    };
    const answers: Answer[] = [];
    const [first, ...others] = questions;
    stream.write(first!);
    for await (const answer of stream) {
      answers.push(answer);
      const next = others.shift();
      if (next === undefined) stream.end();
      else stream.write(next);
    }
    return answers;
  } finally {
    client.close();
  }
}

test.each(['v1', 'v1alpha'])('reflection %s lists the services and describes them', async (version) => {
  const { jaegerGrpc: address } = await startCollector(keepingProducer());
  const service = 'jaeger.api_v2.CollectorService';
  const [listed, described, sampling, unknown] = await ask(address, version, [
    { listServices: '*' },
    { fileContainingSymbol: `${service}.PostSpans` },
    { fileContainingSymbol: 'jaeger.api_v2.SamplingManager' },
    { fileContainingSymbol: 'no.such.Service' },
  ]);
  expect(listed?.listServicesResponse?.service.map(({ name }) => name).sort()).toEqual([
    service,
    'jaeger.api_v2.SamplingManager',
  ]);
  const files = described?.fileDescriptorResponse?.fileDescriptorProto ?? [];
  const text = Buffer.concat([...files]).toString('latin1');
  for (const part of ['PostSpansRequest', 'references', 'google.protobuf.Timestamp']) expect(text).toContain(part);
  expect(sampling?.fileDescriptorResponse?.fileDescriptorProto.length).toBeGreaterThan(0);
  expect(unknown?.errorResponse?.errorCode).toBe(5);
});
