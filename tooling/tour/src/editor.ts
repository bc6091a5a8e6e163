/** Runs one statement on an SQLite file without any code of the product: `node editor.ts <file> <sql>`. Prints the refusal. */
import { DatabaseSync } from 'node:sqlite';

const [, , file = '', sql = ''] = process.argv;
const database = new DatabaseSync(file);
try {
  database.exec(sql);
} catch (error) {
  process.stdout.write((error as Error).message);
} finally {
  database.close();
}
