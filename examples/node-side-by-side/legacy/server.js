'use strict';

// The order archive: orders are kept in PostgreSQL, lookups are counted in Redis.
//
//   GET  /healthz     the process can serve; says nothing about what it depends on
//   GET  /            who runs here, and whether database and cache answer
//   GET  /orders      the newest orders
//   GET  /orders/ID   one order, and how often it was looked up
//   POST /orders      {"customer": "Ada", "cents": 995}

const http = require('node:http');
const { createLog } = require('./lib/log');
const { parseOrder } = require('./lib/order');
const { Archive, DependencyError, Lookups } = require('./lib/stores');

const { env } = process;
const log = createLog(env.LOG_LEVEL || 'info');

const missing = ['DB_HOST', 'DB_NAME', 'DB_USER', 'DB_PASSWORD_FILE', 'CACHE_URL'].filter((name) => !env[name]);
if (missing.length > 0) {
  log.error('variables are missing', { missing });
  process.exit(1);
}

const archive = new Archive(env, log);
const lookups = new Lookups(env, log);

async function status() {
  const [orders, total] = await Promise.all([archive.count(), lookups.check().then(() => lookups.total())]);
  return {
    status: 200,
    body: {
      app: 'order-archive',
      node: process.version,
      uid: process.getuid(),
      database: 'ok',
      cache: 'ok',
      orders,
      lookups: total,
    },
  };
}

async function showOrder(id) {
  const order = await archive.find(id);
  if (!order) return { status: 404, body: { error: `no order ${id}` } };
  return { status: 200, body: { ...order, lookups: await lookups.add(id) } };
}

async function addOrder(request) {
  let order;
  try {
    order = parseOrder(JSON.parse(await text(request)));
  } catch (error) {
    return { status: 400, body: { error: error.message } };
  }
  return { status: 201, body: await archive.add(order) };
}

async function text(request, limit = 10000) {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) {
    // What is too much is read, not kept: hanging up would take the answer from the client.
    if (body.length <= limit) body += chunk;
  }
  if (body.length > limit) throw new RangeError(`more than ${limit} characters`);
  return body;
}

async function route(request) {
  const path = request.url.split('?')[0];
  const order = /^\/orders\/(\d{1,9})$/.exec(path);
  switch (`${request.method} ${order ? '/orders/ID' : path}`) {
    case 'GET /healthz': return { status: 200, body: { status: 'ok' } };
    case 'GET /': return status();
    case 'GET /orders': return { status: 200, body: await archive.newest() };
    case 'GET /orders/ID': return showOrder(order[1]);
    case 'POST /orders': return addOrder(request);
    default: return { status: 404, body: { error: `no ${request.method} ${path} here` } };
  }
}

async function answer(request) {
  try {
    return await route(request);
  } catch (error) {
    if (error instanceof DependencyError) {
      log.warn('dependency failed', { dependency: error.dependency, error: error.message });
      return { status: 503, body: { error: `${error.dependency} is not available`, failed: error.dependency } };
    }
    log.error('request failed', { url: request.url, error: error.stack });
    return { status: 500, body: { error: 'internal error' } };
  }
}

const server = http.createServer(async (request, response) => {
  const started = Date.now();
  const { status: code, body } = await answer(request);
  response.writeHead(code, { 'Content-Type': 'application/json; charset=utf-8' });
  response.end(`${JSON.stringify(body)}\n`);
  // The health check asks every few seconds: nobody wants to read that.
  const write = request.url === '/healthz' ? log.debug : log.info;
  write('request', { method: request.method, url: request.url, status: code, ms: Date.now() - started });
});

// Idle keep-alive connections would hold up close(), and Node 14 has no closeIdleConnections().
const sockets = new Set();
server.on('connection', (socket) => {
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
});

function stop(signal) {
  log.info('stopping', { signal });
  const exit = () => process.exit(0);
  server.close(async () => {
    lookups.close();
    await archive.close().catch(() => {});
    exit();
  });
  setTimeout(() => sockets.forEach((socket) => socket.destroy()), 300); // time for running requests to finish
  setTimeout(exit, 800); // whatever still hangs then
}
process.once('SIGTERM', stop);
process.once('SIGINT', stop);

const port = Number(env.PORT || 3000);
server.listen(port, () => log.info('listening', { port, node: process.version }));
