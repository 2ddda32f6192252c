'use strict';

const assert = require('node:assert');
const { test } = require('uvu');
const { parseOrder } = require('../lib/order');

test('keeps the known fields and trims', () => {
  assert.deepStrictEqual(parseOrder({ customer: ' Ada ', cents: 995, admin: true }), { customer: 'Ada', cents: 995 });
});

for (const wrong of [null, [], {}, { customer: '', cents: 1 }, { customer: 'Ada', cents: 9.5 }, { customer: 'Ada', cents: -1 }]) {
  test(`refuses ${JSON.stringify(wrong)}`, () => assert.throws(() => parseOrder(wrong), TypeError));
}

test.run();
