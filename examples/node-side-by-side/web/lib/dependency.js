export class Unavailable extends Error {
  constructor(dependency, cause) {
    super(`${dependency}: ${cause.message || cause.code || cause}`, { cause });
    this.dependency = dependency;
  }
}

/** What `action` promises, or Unavailable: an error and a long silence count alike. */
export async function ask(dependency, action, milliseconds = 2500) {
  let timer;
  const silence = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${milliseconds} ms`)), milliseconds);
  });
  try {
    return await Promise.race([action(), silence]);
  } catch (error) {
    throw new Unavailable(dependency, error);
  } finally {
    clearTimeout(timer);
  }
}
