import { createServer } from 'node:http';

/** What a service must hand on from the request to those that it causes, so that its proxy's spans are one trace. */
const TRACE_HEADERS = [
  'x-request-id',
  'x-b3-traceid',
  'x-b3-spanid',
  'x-b3-parentspanid',
  'x-b3-sampled',
  'traceparent',
  'tracestate',
];

const name = process.env['SERVICE_NAME'] ?? 'service';
const port = Number(process.env['PORT'] ?? 8080);
/** Where the proxy beside it takes what goes out. */
const egress = process.env['EGRESS'] ?? 'http://127.0.0.1:9000';

/** `/trace/1` of service1 calls service2; everything else answers by itself. */
const server = createServer(async (request, response) => {
  try {
    let text = `Hello from behind Envoy: ${name}\n`;
    if (name === 'service1' && request.url === '/trace/1') {
      const headers = TRACE_HEADERS.flatMap((header): [string, string][] => {
        const value = request.headers[header];
        return typeof value === 'string' ? [[header, value]] : [];
      });
      const answer = await fetch(`${egress}/trace/2`, { headers });
      text += await answer.text();
      response.statusCode = answer.status;
    }
    response.end(text);
  } catch (error) {
    response.writeHead(502).end(`${name}: ${String(error)}\n`);
  }
});

server.listen(port, process.env['HOST'] ?? '127.0.0.1');
process.on('SIGTERM', () => server.close(() => process.exit(0)));
