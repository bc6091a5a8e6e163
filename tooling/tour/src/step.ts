import { StepFailed, type Api } from './api.ts';
import type { Picture, Screen } from './screen.ts';

/** Somebody with an account. What is not known yet is empty. */
export interface Person {
  readonly email: string;
  readonly password: string;
  id: string;
  accessToken: string;
  refreshToken: string;
}

/** What the steps share: each leaves there what the next ones need. */
export interface Tour {
  readonly url: string;
  readonly api: Api;
  readonly screen: Screen;
  readonly admin: Person;
  readonly user: Person;
  /** The SQLite file of our own server; somebody else's server keeps its own. */
  readonly databaseFile?: string;
}

export interface Step {
  readonly title: string;
  readonly picture: Picture;
  /** Needs the file of the database, so it is left out on somebody else's server. */
  readonly onOwnServerOnly?: true;
  act(tour: Tour): Promise<void>;
}

export function person(email: string, password: string): Person {
  return { email, password, id: '', accessToken: '', refreshToken: '' };
}

/** Shows that something is as it should be, or ends the tour. */
export function prove({ screen }: Tour, claim: string, isTrue: boolean): void {
  if (!isTrue) throw new StepFailed(`This is not so: ${claim}`);
  screen.proves(claim);
}
