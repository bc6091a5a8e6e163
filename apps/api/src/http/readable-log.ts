import type { DestinationStream } from 'pino';

interface Line {
  time: string;
  level: string;
  msg?: string;
  method?: string;
  route?: string;
  path?: string;
  status?: number;
  ms?: number;
  error?: unknown;
}

/** Log lines for somebody who looks at a terminal. */
export function readableLines(output: { write(text: string): unknown }): DestinationStream {
  return { write: (line) => void output.write(`${readable(JSON.parse(line) as Line)}\n`) };
}

function readable(line: Line): string {
  const time = line.time.slice(11, 19);
  if (line.method === undefined) return `${time} ${line.level} ${line.msg ?? ''}${described(line)}`;
  return `${time} ${line.method} ${line.route ?? line.path} ${line.status ?? '(aborted)'} ${line.ms} ms`;
}

function described({ error }: Line): string {
  return error === undefined ? '' : `\n${JSON.stringify(error, undefined, 2)}`;
}
