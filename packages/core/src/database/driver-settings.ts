import type { MikroORM, SqlOptions } from '@mikro-orm/sql';

import type { Dialect } from './dialect.ts';
import type { OpenTransaction } from './open-transaction.ts';

/** What differs between the two drivers when a database is opened. */
export interface DriverSettings {
  name: Dialect['name'];
  writersMax: number;
  begin: (orm: MikroORM, writer: number) => Promise<OpenTransaction>;
  /** Closes what is open beside MikroORM's own connections. */
  close: () => Promise<void>;
  orm: Pick<SqlOptions, 'driver' | 'dbName' | 'clientUrl' | 'pool' | 'driverOptions' | 'onCreateConnection'>;
}
