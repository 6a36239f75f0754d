"""A service that traces two spans with py_zipkin, over HTTP. Prints the id of the trace."""
import sys

import requests
from py_zipkin import Encoding, Kind
from py_zipkin.request_helpers import create_http_headers
from py_zipkin.util import create_attrs_for_span
from py_zipkin.zipkin import zipkin_span

url, encoding = sys.argv[1], sys.argv[2]
CONTENT_TYPES = {
    'V1_THRIFT': 'application/x-thrift',
    'V1_JSON': 'application/json',
    'V2_JSON': 'application/json',
    'V2_PROTO3': 'application/x-protobuf',
}


def send(encoded):
    answer = requests.post(url, data=encoded, headers={'Content-Type': CONTENT_TYPES[encoding]}, timeout=10)
    if answer.status_code != 202:
        raise RuntimeError('%d %s' % (answer.status_code, answer.text))


attributes = create_attrs_for_span(sample_rate=100.0, use_128bit_trace_id=True)
with zipkin_span(
    service_name='shop-python',
    span_name='get-order',
    zipkin_attrs=attributes,
    transport_handler=send,
    port=8080,
    encoding=Encoding[encoding],
    kind=Kind.SERVER,
    binary_annotations={'http.path': '/order'},
) as root:
    with zipkin_span(service_name='shop-python', span_name='query', kind=Kind.CLIENT) as child:
        child.add_sa_binary_annotation(port=5432, service_name='store', host='10.0.0.9')
        child.update_binary_annotations({'rows': '3'})
        child.add_annotation('rows read')
        assert create_http_headers()['X-B3-TraceId'] == attributes.trace_id

print(attributes.trace_id)
