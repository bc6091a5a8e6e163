import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './child.mjs';

/** Folders of the workspace that hold packages, as in pnpm-workspace.yaml. */
const rooms = ['packages', 'apps', 'tooling'];

/** Every package of the workspace: its directory relative to the repository root, and its package.json. */
export function workspaces() {
  return rooms
    .flatMap((room) => readdirSync(join(root, room)).map((name) => join(room, name)))
    .filter((directory) => existsSync(join(root, directory, 'package.json')))
    .map((directory) => ({ directory, manifest: readManifest(directory) }));
}

function readManifest(directory) {
  return JSON.parse(readFileSync(join(root, directory, 'package.json'), 'utf8'));
}
