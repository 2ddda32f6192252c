'use strict';

const LEVELS = ['debug', 'info', 'warn', 'error'];

/** One JSON object a line on standard output; what is below `level` is left out. */
function createLog(level) {
  const threshold = LEVELS.indexOf(level);
  const write = (name) => (message, fields) => {
    if (LEVELS.indexOf(name) < threshold) return;
    process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), level: name, message, ...fields })}\n`);
  };
  return Object.fromEntries(LEVELS.map((name) => [name, write(name)]));
}

module.exports = { createLog };
