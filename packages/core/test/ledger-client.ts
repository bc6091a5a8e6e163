/** A process of its own that loads a ledger: `node ledger-client.ts <url> <load as JSON>`. Prints what it was told. */
import { openTestScope } from './scope.ts';
import { runLoad, type Load } from './ledger-load.ts';

const [url = '', load = ''] = process.argv.slice(2);
const scope = await openTestScope(url);
const told = await runLoad(scope, JSON.parse(load) as Load);
await scope.close();
process.stdout.write(JSON.stringify(told));
