import { randomUUID } from 'node:crypto';
import { createClient } from 'redis';
import { ask } from './dependency.js';

/** How often the shop was looked at, in Redis. */
export function openVisits(config, log) {
  const redis = createClient({
    url: config.cacheUrl,
    disableOfflineQueue: true, // without a connection a command fails at once
    socket: { connectTimeout: 2000, reconnectStrategy: (retries) => Math.min(100 * 2 ** retries, 2000) },
  });
  redis.on('error', (error) => log.debug('cache connection failed', { error: error.message || error.code }));
  redis.connect().catch(() => {}); // goes on trying in the background

  return {
    add: () => ask('cache', () => redis.incr('shop:visits')),
    total: async () => Number(await ask('cache', () => redis.get('shop:visits'))),
    /** Writes a value and reads it back. */
    check: () => ask('cache', async () => {
      const key = `shop:check:${randomUUID()}`;
      await redis.set(key, 'written', { EX: 60 });
      if (await redis.getDel(key) !== 'written') throw new Error('a value just written is gone');
    }),
    close: async () => redis.disconnect(),
  };
}
