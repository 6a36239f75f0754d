"""Two Flask services, traced by Flask-OpenTracing with jaeger-client; one calls the other. Prints the id of the trace."""
import sys
import threading
import time

import requests
from flask import Flask, request
from flask_opentracing import FlaskTracing
from jaeger_client import Config
from opentracing.ext import tags
from opentracing.propagation import Format
from werkzeug.serving import make_server

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
            'reporter_flush_interval': 0.05,
            'generate_128bit_trace_id': True,
        },
        service_name=service_name,
        validate=True,
    )
    return config.new_tracer()


def serve(app):
    server = make_server('127.0.0.1', 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


hello, formatter = tracer('hello-flask'), tracer('formatter-flask')

formatter_app = Flask('formatter')
FlaskTracing(formatter, True, formatter_app, ['url', 'method'])


@formatter_app.route('/format')
def format_greeting():
    with formatter.start_active_span('compose') as scope:
        greeting = scope.span.get_baggage_item('greeting') or 'Hello'
        scope.span.log_kv({'event': 'string-format', 'value': greeting})
        return '%s, %s!' % (greeting, request.args['hello-to'])


formatting = serve(formatter_app)
hello_app = Flask('hello')
traced = FlaskTracing(hello, False, hello_app)


@hello_app.route('/hello/<name>')
@traced.trace('url')
def say_hello(name):
    served = traced.get_span(request)
    served.set_baggage_item('greeting', 'Bonjour')
    with hello.start_active_span('call-formatter', child_of=served) as scope:
        url = 'http://127.0.0.1:%d/format' % formatting.port
        scope.span.set_tag(tags.SPAN_KIND, tags.SPAN_KIND_RPC_CLIENT)
        scope.span.set_tag(tags.HTTP_METHOD, 'GET')
        scope.span.set_tag(tags.HTTP_URL, url)
        headers = {}
        hello.inject(scope.span, Format.HTTP_HEADERS, headers)
        answer = requests.get(url, params={'hello-to': name}, headers=headers, timeout=10)
        scope.span.set_tag(tags.HTTP_STATUS_CODE, answer.status_code)
        return '%032x\n%s' % (scope.span.trace_id, answer.text)


serving = serve(hello_app)
answer = requests.get('http://127.0.0.1:%d/hello/Bryan' % serving.port, timeout=20)
trace_id, text = answer.text.split('\n')
if answer.status_code != 200 or text != 'Bonjour, Bryan!':
    raise RuntimeError('%d %s' % (answer.status_code, answer.text))
for server in (serving, formatting):
    server.shutdown()

# Closing flushes; it ends in a thread of the client.
closing = [hello.close(), formatter.close()]
deadline = time.monotonic() + 20
while not all(future.done() for future in closing) and time.monotonic() < deadline:
    time.sleep(0.01)
print(trace_id)
