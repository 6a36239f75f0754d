"""Two services that trace a call with the OpenTelemetry SDK, over OTLP. Prints the id of the trace."""
import sys

from opentelemetry import baggage, trace
from opentelemetry.baggage.propagation import W3CBaggagePropagator
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcExporter
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpExporter
from opentelemetry.propagators.composite import CompositePropagator
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

transport, address = sys.argv[1], sys.argv[2]


def provider(service_name):
    if transport == 'grpc':
        exporter = GrpcExporter(endpoint='http://' + address, insecure=True)
    else:
        exporter = HttpExporter(endpoint='http://' + address + '/v1/traces', compression=Compression.Gzip)
    created = TracerProvider(resource=Resource({'service.name': service_name, 'service.version': '1.2'}))
    created.add_span_processor(BatchSpanProcessor(exporter))
    return created


propagator = CompositePropagator([TraceContextTextMapPropagator(), W3CBaggagePropagator()])
hello, formatter = provider('hello-opentelemetry-python'), provider('formatter-opentelemetry-python')

with hello.get_tracer('hello', '0.1').start_as_current_span('say-hello', attributes={'hello-to': 'Bryan'}) as root:
    carried = baggage.set_baggage('greeting', 'Bonjour')
    links = [Link(root.get_span_context(), {'linked': True})]
    with hello.get_tracer('hello').start_as_current_span('format', kind=SpanKind.CLIENT, links=links) as child:
        child.set_attributes({'count': 3, 'ratio': 0.5, 'done': True, 'list': ['a', 'b']})
        headers = {}
        propagator.inject(headers, trace.set_span_in_context(child, carried))
        remote = propagator.extract(headers)
        handled = formatter.get_tracer('formatter').start_span('handle', context=remote, kind=SpanKind.SERVER)
        handled.add_event('string-format', {'value': baggage.get_baggage('greeting', remote)})
        handled.set_status(Status(StatusCode.ERROR, 'it broke'))
        handled.record_exception(ValueError('it broke'))
        handled.end()

for each in (hello, formatter):
    if not each.force_flush():
        raise RuntimeError('the spans were not exported')
    each.shutdown()
print('%032x' % root.get_span_context().trace_id)
