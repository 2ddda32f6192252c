import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { ask } from './dependency.js';

const TABLE = `
  CREATE TABLE IF NOT EXISTS purchase (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sku text NOT NULL,
    quantity integer NOT NULL,
    bought_at timestamptz NOT NULL DEFAULT now()
  )`;

/** What was bought, in PostgreSQL. */
export function openPurchases(config, log) {
  const pool = new pg.Pool({
    ...config.database,
    password: async () => (await readFile(config.passwordFile, 'utf8')).trim(),
    max: 5,
    connectionTimeoutMillis: 2000,
    query_timeout: 2000,
  });
  // The pool replaces an idle connection that breaks; unheard, the event would end the process.
  pool.on('error', (error) => log.warn('database connection lost', { error: error.message }));

  let table = null; // made by the first query that reaches the database
  const query = (sql, values) => ask('database', async () => {
    table ??= pool.query(TABLE).catch((error) => {
      table = null;
      throw error;
    });
    await table;
    return (await pool.query(sql, values)).rows;
  });

  return {
    async add(sku, quantity) {
      const [row] = await query('INSERT INTO purchase (sku, quantity) VALUES ($1, $2) RETURNING id, sku, quantity', [sku, quantity]);
      return row;
    },
    list: () => query('SELECT id, sku, quantity FROM purchase ORDER BY id DESC LIMIT 50'),
    async total() {
      const [row] = await query('SELECT coalesce(sum(quantity), 0)::integer AS total FROM purchase');
      return row.total;
    },
    close: () => pool.end(),
  };
}
