import * as postgresqlTables from './postgresql/0001-tables.ts';
import * as postgresqlPromises from './postgresql/0002-promises.ts';
import * as postgresqlSystemAccounts from './postgresql/0003-system-accounts.ts';
import * as postgresqlLotsAndHolds from './postgresql/0004-lots-and-holds.ts';
import * as postgresqlRefusals from './postgresql/0005-refusals.ts';
import * as postgresqlFeedsAndKeys from './postgresql/0006-feeds-and-keys.ts';
import * as postgresqlFastPostings from './postgresql/0007-fast-postings.ts';
import * as postgresqlEntriesAsAudit from './postgresql/0008-entries-as-audit.ts';
import * as postgresqlPartialKeys from './postgresql/0009-partial-keys.ts';
import * as sqliteTables from './sqlite/0001-tables.ts';
import * as sqlitePromises from './sqlite/0002-promises.ts';
import * as sqliteSystemAccounts from './sqlite/0003-system-accounts.ts';
import * as sqliteLotsAndHolds from './sqlite/0004-lots-and-holds.ts';
import * as sqliteRefusals from './sqlite/0005-refusals.ts';
import * as sqliteFeedsAndKeys from './sqlite/0006-feeds-and-keys.ts';
import * as sqliteFastPostings from './sqlite/0007-fast-postings.ts';
import * as sqliteEntriesAsAudit from './sqlite/0008-entries-as-audit.ts';
import * as sqliteOneLot from './sqlite/0009-one-lot.ts';
import * as sqliteAbortingBounds from './sqlite/0010-aborting-bounds.ts';
import * as sqlitePartialKeys from './sqlite/0011-partial-keys.ts';

/** Forward-only, in order. A migration that has been released is never edited. */
export const migrations = {
  sqlite: [
    { name: '0001-tables', class: sqliteTables.Tables },
    { name: '0002-promises', class: sqlitePromises.Promises },
    { name: '0003-system-accounts', class: sqliteSystemAccounts.SystemAccounts },
    { name: '0004-lots-and-holds', class: sqliteLotsAndHolds.LotsAndHolds },
    { name: '0005-refusals', class: sqliteRefusals.Refusals },
    { name: '0006-feeds-and-keys', class: sqliteFeedsAndKeys.FeedsAndKeys },
    { name: '0007-fast-postings', class: sqliteFastPostings.FastPostings },
    { name: '0008-entries-as-audit', class: sqliteEntriesAsAudit.EntriesAsAudit },
    { name: '0009-one-lot', class: sqliteOneLot.OneLot },
    { name: '0010-aborting-bounds', class: sqliteAbortingBounds.AbortingBounds },
    { name: '0011-partial-keys', class: sqlitePartialKeys.PartialKeys },
  ],
  postgresql: [
    { name: '0001-tables', class: postgresqlTables.Tables },
    { name: '0002-promises', class: postgresqlPromises.Promises },
    { name: '0003-system-accounts', class: postgresqlSystemAccounts.SystemAccounts },
    { name: '0004-lots-and-holds', class: postgresqlLotsAndHolds.LotsAndHolds },
    { name: '0005-refusals', class: postgresqlRefusals.Refusals },
    { name: '0006-feeds-and-keys', class: postgresqlFeedsAndKeys.FeedsAndKeys },
    { name: '0007-fast-postings', class: postgresqlFastPostings.FastPostings },
    { name: '0008-entries-as-audit', class: postgresqlEntriesAsAudit.EntriesAsAudit },
    { name: '0009-partial-keys', class: postgresqlPartialKeys.PartialKeys },
  ],
};
