import type { Secret } from '@org/core';

/** The first admin, if this start made one. */
export interface NewAdmin {
  readonly email: string;
  readonly generatedPassword: Secret | undefined;
}

/** Where the service is, for somebody at a terminal. */
export function banner(url: string): string {
  return [
    '',
    `  Users service   ${url}`,
    `  API docs        ${url}/api/docs`,
    `  Health          ${url}/api/health`,
    '',
  ].join('\n');
}

/** What only the first start says: who the admin is, and three lines to try it out with. The password is never shown again. */
export function firstStart(url: string, { email, generatedPassword }: NewAdmin): string {
  const shown = generatedPassword?.reveal();
  return [
    `  First admin     ${email}`,
    `  Password        ${shown === undefined ? 'from ADMIN_PASSWORD' : `${shown}   (shown this once)`}`,
    '',
    '  Sign in; who am I; buy 10 credits and spend them:',
    '',
    ...curlLines(url, email, shown),
    '',
  ].join('\n');
}

/** For any POSIX shell, with curl and sed. */
function curlLines(
  url: string,
  email: string,
  shown: string | undefined,
): [signIn: string, whoAmI: string, spend: string] {
  const json = `-H 'Content-Type: application/json'`;
  const bearer = `-H "Authorization: Bearer $TOKEN"`;
  // A password that we were given is not shown: the shell that gave it fills it in.
  const credentials = JSON.stringify({ email, password: shown ?? `'"$ADMIN_PASSWORD"'` }).replace(/\\"/g, '"');
  const me = `curl -s ${url}/api/users/me ${bearer}`;
  return [
    `TOKEN=$(curl -s ${url}/api/auth/login ${json} -d '${credentials}' | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')`,
    `${me}; echo`,
    `ID=$(${me} | sed 's/^{"id":"\\([^"]*\\)".*/\\1/'); for TYPE in purchase spend; do ` +
      `curl -s ${url}/api/users/$ID/credits ${bearer} ${json} -d '{"type":"'$TYPE'","amount":10}'; echo; done`,
  ];
}
