'use strict';

// Sells tickets and counts what it does.
//
//   GET  /healthz   the process can serve
//   GET  /          how many tickets were sold
//   POST /tickets   one more
//   GET  /metrics   for Prometheus

const http = require('node:http');
const { Counter, Gauge, Histogram, text } = require('./lib/metrics');

const requests = new Counter('http_requests_total', 'Requests answered, by route and status.');
const seconds = new Histogram('http_request_seconds', 'How long an answer took.');
const sold = new Counter('tickets_sold_total', 'Tickets sold.');
const memory = new Gauge('process_resident_memory_bytes', 'Resident memory.', () => process.memoryUsage.rss());
let tickets = 0;

const routes = {
  'GET /healthz': () => ({ status: 'ok' }),
  'GET /': () => ({ app: 'ticket-counter', node: process.version, uid: process.getuid(), tickets }),
  'POST /tickets': () => {
    tickets += 1;
    sold.add();
    return { ticket: tickets };
  },
};

const server = http.createServer((request, response) => {
  const started = process.hrtime.bigint();
  const { pathname } = new URL(request.url, 'http://localhost');
  if (request.method === 'GET' && pathname === '/metrics') {
    response.writeHead(200, { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' });
    response.end(text([requests, seconds, sold, memory]));
    return;
  }
  const route = `${request.method} ${pathname}`;
  const known = Object.hasOwn(routes, route);
  const status = known ? 200 : 404;
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(`${JSON.stringify(known ? routes[route]() : { error: 'not found' })}\n`);
  // a path that nobody knows is no label: there would be as many series as somebody cares to ask for
  requests.add({ route: known ? route : 'other', status });
  seconds.observe(Number(process.hrtime.bigint() - started) / 1e9);
});

server.listen(Number(process.env.PORT || 3000));
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    server.close(() => process.exit(0));
    server.closeIdleConnections();
  });
}
