import ms from 'ms'

export function greeting (name, milliseconds) {
  return `Hello ${name}, up for ${ms(Math.max(1, Math.round(milliseconds)), { long: true })}`
}
