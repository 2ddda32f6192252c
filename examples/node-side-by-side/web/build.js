// Writes dist/: the shop's page, its style sheet named by content (so that browsers may keep it for ever), and the
// catalogue that the server sells from. Markdown is turned into HTML here, so that the running shop needs no parser.

import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { marked } from 'marked';

const source = new URL('./src/', import.meta.url);
const target = new URL('./dist/', import.meta.url);

const read = (name) => readFile(new URL(name, source), 'utf8');
const write = (name, text) => writeFile(new URL(name, target), text);

const catalogue = JSON.parse(await read('catalogue.json'));
const css = await read('shop.css');
const stylesheet = `shop.${createHash('sha256').update(css).digest('hex').slice(0, 8)}.css`;

const price = (cents) => (cents / 100).toFixed(2);
const product = ({ name, cents, text }) => `<article>
<h2>${name} <b>${price(cents)}</b></h2>
${marked.parse(text, { mangle: false, headerIds: false }).trim()}
</article>`;

const page = (await read('shop.html'))
  .replace('{{stylesheet}}', `/assets/${stylesheet}`)
  .replace('{{products}}', () => catalogue.map(product).join('\n'));

await rm(target, { recursive: true, force: true });
await mkdir(target, { recursive: true });
await Promise.all([
  write('shop.html', page),
  write(stylesheet, css),
  write('catalogue.json', JSON.stringify(catalogue.map(({ sku, name, cents }) => ({ sku, name, cents })))),
]);
console.log(`dist: ${catalogue.length} products, ${stylesheet}`);
