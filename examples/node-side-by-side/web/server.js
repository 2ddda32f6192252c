// The shop front: sells what dist/catalogue.json names, keeps purchases in PostgreSQL, counts visits in Redis.
//
//   GET  /healthz        the process can serve; says nothing about what it depends on
//   GET  /               who runs here, and whether database and cache answer
//   GET  /shop           the page that `npm run build` made; counts as a visit
//   GET  /assets/NAME    its style sheet
//   GET  /purchases      the newest purchases
//   POST /purchases      {"sku": "mug", "quantity": 2}

import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { readConfig } from './lib/config.js';
import { Unavailable } from './lib/dependency.js';
import { openPurchases } from './lib/purchases.js';
import { openVisits } from './lib/visits.js';

const print = (level, message, fields) => {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...fields })}\n`);
};

let config;
try {
  config = readConfig(process.env);
} catch (error) {
  print('error', 'configuration is wrong', { error: error.message });
  process.exit(1);
}

const log = Object.fromEntries(['debug', 'info', 'warn', 'error'].map((level) => [
  level,
  config.logLevels.includes(level) ? (message, fields) => print(level, message, fields) : () => {},
]));

// The built files are few and small: they are read once, and no request can name any other path.
const dist = new URL('./dist/', import.meta.url);
const files = new Map();
for (const name of await readdir(dist)) files.set(name, await readFile(new URL(name, dist)));
const skus = new Set(JSON.parse(files.get('catalogue.json')).map(({ sku }) => sku));
const { name: app } = JSON.parse(readFileSync(new URL('./package.json', import.meta.url)));

const purchases = openPurchases(config, log);
const visits = openVisits(config, log);

const json = (status, body) => ({ status, type: 'application/json; charset=utf-8', body: `${JSON.stringify(body)}\n` });

const BODY_LIMIT = 10_000;

async function readJson(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size <= BODY_LIMIT) chunks.push(chunk); // what is too much is read, not kept, so that the client gets an answer
  }
  if (size > BODY_LIMIT) throw new RangeError(`more than ${BODY_LIMIT} bytes`);
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

const routes = {
  'GET /healthz': () => json(200, { status: 'ok' }),

  'GET /': async () => {
    const [bought, seen] = await Promise.all([purchases.total(), visits.check().then(() => visits.total())]);
    const runs = { app, node: process.version, uid: process.getuid() };
    return json(200, { ...runs, database: 'ok', cache: 'ok', purchases: bought, visits: seen });
  },

  'GET /shop': async () => {
    // A shop that can't count its visitors is still open.
    await visits.add().catch((error) => log.warn('visit not counted', { error: error.message }));
    return { status: 200, type: 'text/html; charset=utf-8', body: files.get('shop.html') };
  },

  'GET /purchases': async () => json(200, await purchases.list()),

  'POST /purchases': async (request) => {
    let order;
    try {
      order = Object(await readJson(request));
    } catch (error) {
      return json(400, { error: error.message });
    }
    const { sku, quantity } = order;
    if (!skus.has(sku)) return json(422, { error: `sku must be one of ${[...skus].join(', ')}` });
    if (!Number.isInteger(quantity) || quantity < 1 || quantity > 99) {
      return json(422, { error: 'quantity must be a whole number from 1 to 99' });
    }
    return json(201, await purchases.add(sku, quantity));
  },
};

function asset(name) {
  if (!name.endsWith('.css') || !files.has(name)) return json(404, { error: `no asset ${name}` });
  return { status: 200, type: 'text/css', body: files.get(name), cache: 'public, max-age=31536000, immutable' };
}

async function answer(request) {
  const [path] = request.url.split('?');
  const route = `${request.method} ${path}`;
  try {
    if (route.startsWith('GET /assets/')) return asset(path.slice('/assets/'.length));
    return Object.hasOwn(routes, route) ? await routes[route](request) : json(404, { error: `no ${route} here` });
  } catch (error) {
    if (error instanceof Unavailable) {
      log.warn('dependency failed', { dependency: error.dependency, error: error.message });
      return json(503, { error: `${error.dependency} is not available`, failed: error.dependency });
    }
    log.error('request failed', { route, error: error.stack });
    return json(500, { error: 'internal error' });
  }
}

const server = createServer(async (request, response) => {
  const started = performance.now();
  const { status, type, body, cache = 'no-store' } = await answer(request);
  response.writeHead(status, {
    'Content-Type': type,
    'Cache-Control': cache,
    // While stopping, a kept-alive connection would only be in the way.
    ...(server.listening ? {} : { Connection: 'close' }),
  });
  response.end(body);
  const write = request.url === '/healthz' ? log.debug : log.info;
  write('request', { method: request.method, url: request.url, status, ms: Math.round(performance.now() - started) });
});

// Kept-alive connections hold up close(), and Node 16 has no closeIdleConnections().
const sockets = new Set();
server.on('connection', (socket) => {
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
});

for (const signal of ['SIGTERM', 'SIGINT']) {
  process.once(signal, async () => {
    log.info('stopping', { signal });
    setTimeout(() => sockets.forEach((socket) => socket.destroy()), 300); // running requests may finish
    setTimeout(() => process.exit(0), 800); // whatever still hangs then
    await new Promise((resolve) => { server.close(resolve); });
    await Promise.allSettled([purchases.close(), visits.close()]);
    process.exit(0);
  });
}

server.listen(config.port, () => log.info('listening', { port: config.port, node: process.version }));
