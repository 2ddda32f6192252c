const LEVELS = ['debug', 'info', 'warn', 'error'];

/** Everything that the environment decides, read once; throws one error that names all that is wrong. */
export function readConfig(env) {
  const problems = [];

  const required = (name) => {
    if (!env[name]) problems.push(`${name} is missing`);
    return env[name];
  };
  const port = (name, otherwise) => {
    const value = Number(env[name] || otherwise);
    if (!Number.isInteger(value) || value < 1 || value > 65535) problems.push(`${name} is no port: ${env[name]}`);
    return value;
  };
  const level = env.LOG_LEVEL || 'info';
  if (!LEVELS.includes(level)) problems.push(`LOG_LEVEL is none of ${LEVELS.join(', ')}: ${level}`);

  const config = {
    port: port('PORT', 3000),
    logLevels: LEVELS.slice(LEVELS.indexOf(level)),
    database: {
      host: required('DB_HOST'),
      port: port('DB_PORT', 5432),
      database: required('DB_NAME'),
      user: required('DB_USER'),
    },
    passwordFile: required('DB_PASSWORD_FILE'),
    cacheUrl: required('CACHE_URL'),
  };
  if (problems.length > 0) throw new Error(problems.join('; '));
  return config;
}
