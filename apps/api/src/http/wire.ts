/**
 * A UUID (version 7), in lower case.
 * @pattern ^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$ must be a UUID in lower case
 * @example "0198c9a2-6f00-7cc1-a5c3-2f8f6d0c4b11"
 */
export type Id = string;

/**
 * A moment in UTC, RFC 3339 with milliseconds.
 * @example "2026-01-15T12:00:00.000Z"
 */
export type Time = string;

/** Free-form data of the application: any JSON object. */
export interface JsonRecord {
  [name: string]: unknown;
}

/** One field at fault. */
interface FieldFault {
  /** Its path as it was sent. */
  field: string;
  /** Permanent. */
  code: string;
  /** What to do about it. */
  message: string;
}

/** An error, RFC 9457. Some carry further members, such as `available` and `required` for `credits.insufficient`. */
export interface Problem {
  type: string;
  title: string;
  /** @isInt */
  status: number;
  /** What happened and what to do. */
  detail: string;
  instance: string;
  /** Permanent: `feature.reason`. */
  code: string;
  /** The fields at fault, where fields are at fault. */
  errors?: FieldFault[];
  /** Quote it when you ask for help. */
  correlation_id: string;
  /** For `credits.insufficient`: what there is. */
  available?: number;
  /** For `credits.insufficient`: what would be needed. */
  required?: number;
  /**
   * For `credits.batch_refused`: which item was refused, counted from 0.
   * @isInt
   */
  index?: number;
}
