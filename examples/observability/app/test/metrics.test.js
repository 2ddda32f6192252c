'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { Counter, Gauge, Histogram, text } = require('../lib/metrics');

test('a counter has a series for each set of labels', () => {
  const counter = new Counter('asked_total', 'Questions.');
  counter.add({ route: '/' });
  counter.add({ route: '/' }, 2);
  counter.add({ route: 'a "b"\\\n' });
  assert.deepEqual(counter.lines().slice(2), ['asked_total{route="/"} 3', 'asked_total{route="a \\"b\\"\\\\\\n"} 1']);
});

test('the buckets of a histogram add up', () => {
  const histogram = new Histogram('took_seconds', 'Time.');
  [0.001, 0.2, 7].forEach((value) => histogram.observe(value));
  const lines = histogram.lines();
  assert.ok(lines.includes('took_seconds_bucket{le="0.005"} 1'));
  assert.ok(lines.includes('took_seconds_bucket{le="0.25"} 2'));
  assert.ok(lines.includes('took_seconds_bucket{le="+Inf"} 3'));
  assert.ok(lines.includes('took_seconds_count 3'));
});

test('the text ends with a line end', () => {
  assert.equal(text([new Gauge('now', 'Now.', () => 1)]), '# HELP now Now.\n# TYPE now gauge\nnow 1\n');
});
