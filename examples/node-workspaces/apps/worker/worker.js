import { createServer } from 'node:http'
import { nanoid } from 'nanoid'
import { greeting } from '@hall/greetings'

const name = `worker ${nanoid(6)}`
const beat = () => console.log(greeting(name, process.uptime() * 1000))

beat()
const timer = setInterval(beat, Number(process.env.INTERVAL_SECONDS) * 1000)

// for the health check only; nothing publishes it
const health = createServer((_request, response) => response.end('ok')).listen(3001)
process.once('SIGTERM', () => {
  clearInterval(timer)
  health.close(() => process.exit(0))
})
