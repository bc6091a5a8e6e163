import { randomBytes } from 'node:crypto';
import type { RequestHandler } from 'express';
import { style } from './style.ts';

export interface Site {
  /** Where tokens come from. */
  readonly issuer: string;
  /** Where this application answers. */
  readonly address: string;
}

const routes = [
  ['/public', 'nothing', 'a greeting'],
  ['/status', 'nothing', 'what the verifier holds, and how many requests it has sent'],
  ['/me', 'any valid token', 'who you are: subject, kind, roles, scopes'],
  ['/reports', 'scope <code>users:read</code>', 'the reports'],
  ['/admin', 'role <code>admin</code>', 'a welcome for administrators'],
] as const;

/** The start page: what this is, and lines to try. No script; the one style element is allowed by its nonce. */
export function home(site: Site): RequestHandler {
  return function showHome(_request, response) {
    const nonce = randomBytes(16).toString('base64');
    response.set({
      'Content-Security-Policy': `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      'Referrer-Policy': 'no-referrer',
      'X-Content-Type-Options': 'nosniff',
    });
    response.type('html').send(page(site, nonce));
  };
}

const page = (site: Site, nonce: string) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Demo client</title>
<style nonce="${nonce}">${style}</style>
</head>
<body>
<main>
<h1>Demo client</h1>
<p class="lead">An application of another team. It has no users of its own: it accepts access tokens of
<a href="${escapeHtml(site.issuer)}">${escapeHtml(site.issuer)}</a> and checks them itself, in its own process,
with <code>@org/jwt-client</code>.</p>
<h2>Routes</h2>
<table>
<thead><tr><th scope="col">GET</th><th scope="col">Needs</th><th scope="col">Answers</th></tr></thead>
<tbody>
${routes.map(([path, needs, answer]) => `<tr><td><code>${path}</code></td><td>${needs}</td><td>${answer}</td></tr>`).join('\n')}
</tbody>
</table>
<h2>Try it</h2>
<p>Sign in at the issuer and keep the access token:</p>
<pre><code>${escapeHtml(signIn(site))}</code></pre>
<p>Then use it here:</p>
<pre><code>${escapeHtml(tries(site))}</code></pre>
<h2>Sign out elsewhere, and watch</h2>
<p>A signed token says nothing about whether its session still exists. This application learns of it all the same,
without asking about each token: it follows the issuer's signed list of revocations.</p>
<p>In this window, use the token again and again:</p>
<pre><code>${escapeHtml(watch(site))}</code></pre>
<p>In another window, where <code>TOKEN</code> is the same (<code>echo $TOKEN</code> shows it), end its session; or let an
administrator revoke the token or deactivate the user:</p>
<pre><code>${escapeHtml(signOut(site))}</code></pre>
<p>Within seconds <code>200</code> becomes <code>401</code>, with the code <code>token_revoked</code>. Meanwhile
<a href="/status">/status</a> counts the requests that this application sent to the issuer: its keys once, its
revocations every few seconds, and none because of a token.</p>
<p class="note">Without a token the answer is 401, without the scope or role 403, and 503 when the issuer's keys
cannot be fetched: each as <code>application/problem+json</code>.</p>
</main>
</body>
</html>
`;

const signIn = ({ issuer }: Site) => `TOKEN=$(curl -s ${issuer}/api/auth/login \\
  -H 'Content-Type: application/json' \\
  -d '{"email":"you@example.com","password":"your password"}' \\
  | node -pe 'JSON.parse(fs.readFileSync(0)).access_token')`;

const tries = ({ address }: Site) => `curl ${address}/public
curl -i ${address}/me
curl -H "Authorization: Bearer $TOKEN" ${address}/me
curl -H "Authorization: Bearer $TOKEN" ${address}/reports
curl -H "Authorization: Bearer $TOKEN" ${address}/admin`;

const watch = ({ address }: Site) => `while sleep 1; do
  curl -s -o /dev/null -w '%{http_code} ' \\
    -H "Authorization: Bearer $TOKEN" ${address}/me
  curl -s ${address}/status; echo
done`;

const signOut = ({ issuer }: Site) => `curl -X POST ${issuer}/api/auth/logout \\
  -H "Authorization: Bearer $TOKEN"`;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (char) => entities[char] ?? char);
