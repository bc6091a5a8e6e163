import { readFileSync } from 'node:fs';

/** As much of the committed OpenAPI document as the server itself reads. */
export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

// The same number of folders up from src/http and from dist/http.
const file = new URL('../../openapi.json', import.meta.url);

export const openApiText = readFileSync(file, 'utf8');
export const openApiDocument = JSON.parse(openApiText) as OpenApiDocument;
