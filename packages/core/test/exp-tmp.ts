import { startTestPostgres } from '/work/main/tooling/test-postgres/src/index.ts';
import { openTestLedger } from '/work/main/packages/core/test/ledger.ts';
import { purchase, spend, refund } from '/work/main/packages/core/src/credits/index.ts';
import pg from 'pg';
let cap: any; let on = false; let ledger_plan: any; const orig = pg.Client.prototype.query as any;
(pg.Client.prototype as any).query = function (this: any, ...a: any[]) { const x = typeof a[0] === 'string' ? { text: a[0], values: a[1] } : a[0]; if (on && x.text.startsWith('with write')) { cap = x; return orig.call(this, { text: 'explain analyze ' + x.text, values: x.values }).then((r: any) => { ledger_plan = r.rows; return { rows: [], command: 'SELECT', rowCount: 0 }; }); } return orig.apply(this, a); };
const server = await startTestPostgres({ fsync: 'on' });
const ledger = await openTestLedger(await server.createDatabase('a'));
const userId = await ledger.addUser(); await purchase(ledger, { userId, amount: 1e9 });
for (let i = 0; i < 300; i++) await spend(ledger, { userId, amount: 1 });
on = true;
for (let i = 0; i < 5; i++) { try { await spend(ledger, { userId, amount: 1 }); } catch (e) {} console.log(ledger_plan.map((r: any) => r['QUERY PLAN']).filter((l: string) => /Trigger|Time|Insert/.test(l)).join('\n')); }
await ledger.close(); await server.close();
