'use strict';

const { readFile } = require('node:fs/promises');
const Redis = require('ioredis');
const { Pool } = require('pg');

/** Says which dependency failed, so that the answer can say so, too. */
class DependencyError extends Error {
  constructor(dependency, cause) {
    super(`${dependency}: ${cause.message || cause.code || cause}`);
    this.dependency = dependency;
  }
}

async function naming(dependency, action) {
  try {
    return await action();
  } catch (error) {
    throw new DependencyError(dependency, error);
  }
}

/** The orders, in PostgreSQL. */
class Archive {
  constructor(env, log) {
    this.pool = new Pool({
      host: env.DB_HOST,
      port: Number(env.DB_PORT || 5432),
      database: env.DB_NAME,
      user: env.DB_USER,
      // Read at each connect: a rotated password needs no restart.
      password: async () => (await readFile(env.DB_PASSWORD_FILE, 'utf8')).trim(),
      max: 5,
      connectionTimeoutMillis: 2000,
      query_timeout: 2000,
    });
    // An idle connection that breaks is replaced by the pool; unheard, the event would end the process.
    this.pool.on('error', (error) => log.warn('database connection lost', { error: error.message }));
    this.ready = null;
  }

  query(sql, values) {
    return naming('database', async () => {
      this.ready = this.ready || this.createTable();
      await this.ready;
      return (await this.pool.query(sql, values)).rows;
    });
  }

  createTable() {
    const created = this.pool.query(`
      CREATE TABLE IF NOT EXISTS archived_order (
        id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        customer text NOT NULL,
        cents bigint NOT NULL,
        archived_at timestamptz NOT NULL DEFAULT now()
      )`);
    // The database may come up after us: the next query tries again.
    created.catch(() => { this.ready = null; });
    return created;
  }

  async add({ customer, cents }) {
    const [order] = await this.query(
      'INSERT INTO archived_order (customer, cents) VALUES ($1, $2) RETURNING *', [customer, cents]);
    return readable(order);
  }

  async find(id) {
    const [order] = await this.query('SELECT * FROM archived_order WHERE id = $1', [id]);
    return order && readable(order);
  }

  async newest() {
    return (await this.query('SELECT * FROM archived_order ORDER BY id DESC LIMIT 20')).map(readable);
  }

  async count() {
    const [{ count }] = await this.query('SELECT count(*)::integer AS count FROM archived_order');
    return count;
  }

  close() {
    return this.pool.end();
  }
}

// pg hands out bigint as text, since it may not fit a number; parseOrder let none in that does not.
const readable = ({ id, customer, cents, archived_at: archivedAt }) => ({ id, customer, cents: Number(cents), archivedAt });

/** How often each order was looked up, in Redis. */
class Lookups {
  constructor(env, log) {
    this.redis = new Redis(env.CACHE_URL, {
      keyPrefix: 'archive:',
      connectTimeout: 2000,
      commandTimeout: 2000, // a request fails rather than waits
      maxRetriesPerRequest: 1,
    });
    this.redis.on('error', (error) => log.debug('cache connection failed', { error: error.message || error.code }));
  }

  /** Writes a value and reads it back. */
  check() {
    return naming('cache', async () => {
      const written = String(Date.now());
      await this.redis.set('check', written, 'EX', 60);
      if ((await this.redis.get('check')) === null) throw new Error('a value just written is gone');
    });
  }

  add(id) {
    return naming('cache', () => this.redis.hincrby('lookups', id, 1));
  }

  async total() {
    const counts = await naming('cache', () => this.redis.hvals('lookups'));
    return counts.reduce((sum, count) => sum + Number(count), 0);
  }

  close() {
    this.redis.disconnect();
  }
}

module.exports = { Archive, DependencyError, Lookups };
