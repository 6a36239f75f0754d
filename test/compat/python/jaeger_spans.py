"""Two services that trace a call with jaeger-client, by UDP to an agent. Prints the id of the trace."""
import sys
import time

import opentracing
from jaeger_client import Config
from opentracing.propagation import Format

agent_port, sampling_port = int(sys.argv[1]), int(sys.argv[2])


def tracer(service_name):
    config = Config(
        config={
            'sampler': {'type': 'const', 'param': 1},
            'local_agent': {
                'reporting_host': '127.0.0.1',
                'reporting_port': agent_port,
                'sampling_port': sampling_port,
            },
            'tags': {'version': '1.2'},
            'reporter_flush_interval': 0.05,
            'generate_128bit_trace_id': True,
        },
        service_name=service_name,
        validate=True,
    )
    return config.new_tracer()


hello, formatter = tracer('hello-python'), tracer('formatter-python')

with hello.start_active_span('say-hello') as scope:
    scope.span.set_tag('hello-to', 'Bryan')
    scope.span.set_baggage_item('greeting', 'Bonjour')
    with hello.start_active_span('format') as inner:
        inner.span.set_tag('span.kind', 'client')
        inner.span.set_tag('count', 3)
        inner.span.set_tag('ratio', 0.5)
        inner.span.set_tag('done', True)
        headers = {}
        hello.inject(inner.span, Format.HTTP_HEADERS, headers)
        context = formatter.extract(Format.HTTP_HEADERS, headers)
        with formatter.start_active_span('handle', child_of=context, tags={'span.kind': 'server'}) as handled:
            handled.span.log_kv({'event': 'string-format', 'value': handled.span.get_baggage_item('greeting')})
    trace_id = scope.span.trace_id

# Closing flushes; it ends in a thread of the client.
closing = [hello.close(), formatter.close()]
deadline = time.monotonic() + 20
while not all(future.done() for future in closing) and time.monotonic() < deadline:
    time.sleep(0.01)
print('%032x' % trace_id)
