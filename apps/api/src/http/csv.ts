import { pipeline } from 'node:stream/promises';
import type { Request } from 'express';

type Cell = string | number | null;

/** A table to send: its columns, and its rows as they are read. */
export interface Table {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: AsyncIterable<readonly Cell[]>;
}

const CHUNK_LENGTH = 16_384;
const LINE_END = '\r\n';

/** Whether CSV is what the caller would rather have. */
export function wantsCsv(request: Request): boolean {
  return request.accepts(['application/json', 'text/csv']) === 'text/csv';
}

/**
 * Streams a table as CSV (RFC 4180): no more of it is in memory than the caller has not taken yet. What fails before the
 * first row is an error as usual; what fails later ends the connection, so that nobody takes a part for the whole.
 */
export async function sendCsv(request: Request, { name, columns, rows }: Table): Promise<void> {
  const response = request.res;
  if (response === undefined) throw new Error('the request has no response: Express sets it');
  const following = rows[Symbol.asyncIterator]();
  const first = await following.next();
  response.setHeader('Content-Type', 'text/csv; charset=utf-8; header=present');
  response.setHeader('Content-Disposition', `attachment; filename="${name}.csv"`);
  try {
    await pipeline(chunksOf(columns, first, following), response);
  } catch (error) {
    if (!hasLeft(error)) throw error;
  } finally {
    await following.return?.();
  }
}

/** Whoever closes the connection has what they wanted: that is no failure of ours. */
function hasLeft(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
}

async function* chunksOf(
  columns: readonly string[],
  first: IteratorResult<readonly Cell[]>,
  following: AsyncIterator<readonly Cell[]>,
): AsyncGenerator<string, void, undefined> {
  let chunk = lineOf(columns);
  for (let row = first; row.done !== true; row = await following.next()) {
    chunk += lineOf(row.value);
    if (chunk.length < CHUNK_LENGTH) continue;
    yield chunk;
    chunk = '';
  }
  yield chunk;
}

function lineOf(cells: readonly Cell[]): string {
  return cells.map(written).join(',') + LINE_END;
}

/** Text that a spreadsheet would take for a formula is marked as text: a description comes from anybody. */
function written(cell: Cell): string {
  if (typeof cell === 'number') return String(cell);
  const text = (cell ?? '').replace(/^[=+\-@\t\r]/, "'$&");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
