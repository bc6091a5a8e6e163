import type { FieldProblem } from '../kernel/errors.ts';
import { checkJsonObject, checkText } from '../kernel/fields.ts';
import type { JsonObject } from '../kernel/json.ts';

const NAME_LENGTH_MAX = 200;
const TYPE_LENGTH_MAX = 50;
const PROFILE_BYTES_MAX = 16_384;

/** The fields of a user that are free text or free form. */
export interface ProfileFields {
  name?: string | undefined;
  type?: string | null | undefined;
  profile?: JsonObject | undefined;
}

export function profileProblems({ name, type, profile }: ProfileFields): (FieldProblem | undefined)[] {
  return [
    name === undefined ? undefined : checkText('name', name, { max: NAME_LENGTH_MAX }),
    type === undefined || type === null ? undefined : checkText('type', type, { min: 1, max: TYPE_LENGTH_MAX }),
    profile === undefined ? undefined : checkJsonObject('profile', profile, { bytesMax: PROFILE_BYTES_MAX }),
  ];
}
