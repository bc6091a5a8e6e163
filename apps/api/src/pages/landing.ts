import { randomBytes } from 'node:crypto';
import type { RequestHandler } from 'express';

/** What somebody sees who opens the address in a browser; or the way home, when the operator has one. */
export function landing(homeUrl: string | undefined): RequestHandler {
  if (homeUrl !== undefined) return (_request, response) => response.redirect(302, homeUrl);
  return function showLanding(_request, response) {
    const nonce = randomBytes(16).toString('base64');
    response.setHeader(
      'Content-Security-Policy',
      `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    );
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end(page(nonce));
  };
}

const page = (nonce: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Users service</title>
<style nonce="${nonce}">
  :root { color-scheme: light dark; --ink: #1c2430; --soft: #5b6675; --paper: #f6f7f9; --card: #fff; --line: #dfe4ea; --accent: #1f5fbf; }
  @media (prefers-color-scheme: dark) { :root { --ink: #e8ecf1; --soft: #9aa6b4; --paper: #12161c; --card: #1a2028; --line: #2b3440; --accent: #7fb2ff; } }
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
  main { max-width: 40rem; margin: 2rem 1rem; }
  h1 { font-size: 1.9rem; margin: 0 0 .5rem; letter-spacing: -.01em; }
  p { color: var(--soft); margin: 0 0 1.5rem; }
  ul { list-style: none; margin: 0; padding: 0; display: grid; gap: .75rem; }
  a { display: block; padding: .9rem 1.1rem; border: 1px solid var(--line); border-radius: .6rem; background: var(--card); color: inherit; text-decoration: none; }
  a:hover, a:focus-visible { border-color: var(--accent); outline: none; }
  strong { color: var(--accent); display: block; }
</style>
</head>
<body>
<main>
<h1>Users service</h1>
<p>Users, sign-in and credits for all our applications, in one place. Other services verify its access tokens themselves, with the public keys below.</p>
<ul>
<li><a href="/api/docs"><strong>API documentation</strong>Every operation, to read and to try out</a></li>
<li><a href="/api/openapi.json"><strong>OpenAPI document</strong>For client generators</a></li>
<li><a href="/.well-known/jwks.json"><strong>Public keys</strong>What verifies an access token</a></li>
<li><a href="/api/health"><strong>Health</strong>How the service is</a></li>
</ul>
</main>
</body>
</html>
`;
