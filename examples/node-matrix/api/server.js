'use strict';

// Says whether a version satisfies a range, on whatever version of Node it runs.
//
//   GET /healthz                        the process can serve
//   GET /                               who runs here
//   GET /satisfies?range=^16&version=…  without a version: does this very Node satisfy it?

const http = require('node:http');
const semver = require('semver');

const LEVELS = ['debug', 'info', 'warn', 'error'];
const threshold = LEVELS.indexOf(process.env.LOG_LEVEL || 'info');

function log(level, message, fields) {
  if (LEVELS.indexOf(level) < threshold) return;
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...fields })}\n`);
}

function answer(method, { pathname, searchParams }) {
  switch (`${method} ${pathname}`) {
    case 'GET /healthz':
      return [200, { status: 'ok' }];
    case 'GET /':
      return [200, { app: 'range-api', node: process.version, uid: process.getuid() }];
    case 'GET /satisfies': {
      const range = searchParams.get('range');
      const version = searchParams.get('version') || process.version;
      if (semver.validRange(range) === null) return [400, { error: `no range: ${range}` }];
      if (semver.valid(version) === null) return [400, { error: `no version: ${version}` }];
      return [200, { version, range, satisfies: semver.satisfies(version, range) }];
    }
    default:
      return [404, { error: `no ${method} ${pathname} here` }];
  }
}

const server = http.createServer((request, response) => {
  let status;
  let body;
  try {
    [status, body] = answer(request.method, new URL(request.url, 'http://localhost'));
  } catch (error) { // `GET //` is a request, but no URL
    [status, body] = [400, { error: error.message }];
  }
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' });
  response.end(`${JSON.stringify(body)}\n`);
  log(request.url === '/healthz' ? 'debug' : 'info', 'request', { method: request.method, url: request.url, status });
});

for (const signal of ['SIGTERM', 'SIGINT']) {
  process.once(signal, () => {
    log('info', 'stopping', { signal });
    server.close(() => process.exit(0));
    setTimeout(() => process.exit(0), 500); // kept-alive connections hold up close()
  });
}

const port = Number(process.env.PORT || 3000);
server.listen(port, () => log('info', 'listening', { port, node: process.version }));
