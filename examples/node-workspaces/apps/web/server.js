import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { greeting } from '@hall/greetings'

const notice = readFileSync(new URL('dist/notice.html', import.meta.url), 'utf8')
const port = Number(process.env.PORT)

const server = createServer((request, response) => {
  if (request.url === '/healthz') {
    response.setHeader('Content-Type', 'application/json')
    response.end(JSON.stringify({ status: 'ok' }))
  } else if (request.url === '/notice') {
    response.setHeader('Content-Type', 'text/html; charset=utf-8')
    response.end(notice)
  } else {
    const body = { greeting: greeting('web', process.uptime() * 1000), node: process.version, uid: process.getuid() }
    response.setHeader('Content-Type', 'application/json')
    response.end(JSON.stringify(body))
  }
})

server.listen(port)
process.once('SIGTERM', () => server.close(() => process.exit(0)))
