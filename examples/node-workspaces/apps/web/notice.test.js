import assert from 'node:assert/strict'
import test from 'node:test'
import { greeting } from '@hall/greetings'

test('a greeting names whom it greets', () => {
  assert.match(greeting('Ada', 1000), /^Hello Ada, up for 1 second$/)
})
