'use strict';

/**
 * Checks an order as it came in and returns its known fields only.
 * Money is an integer number of cents: 0.1 + 0.2 has no place in an archive.
 */
function parseOrder(input) {
  const { customer, cents } = Object(input);
  if (typeof customer !== 'string' || customer.trim() === '' || customer.length > 200) {
    throw new TypeError('customer must be a text of 1 to 200 characters');
  }
  if (!Number.isSafeInteger(cents) || cents < 0) {
    throw new TypeError('cents must be a whole number, 0 or more');
  }
  return { customer: customer.trim(), cents };
}

module.exports = { parseOrder };
