import type { Page, Stretch } from '@org/core';

/** Where a page stands in its list. */
export interface PageMeta {
  /** @isInt */
  total: number;
  /** @isInt */
  limit: number;
  /** @isInt */
  page: number;
  /** @isInt */
  total_pages: number;
  has_next: boolean;
  has_previous: boolean;
}

/** Where a stretch of an append-only list ends. Send `next_cursor` as `cursor` to go on; it is null at the end. */
export interface CursorMeta {
  /** @isInt */
  limit: number;
  next_cursor: string | null;
}

export function presentPage<View, Item>(
  { data, total, page, limit }: Page<View>,
  present: (view: View) => Item,
): { data: Item[]; meta: PageMeta } {
  const pages = Math.ceil(total / limit);
  const meta = { total, limit, page, total_pages: pages, has_next: page < pages, has_previous: page > 1 };
  return { data: data.map(present), meta };
}

export function presentStretch<View, Item>(
  stretch: Stretch<View>,
  present: (view: View) => Item,
): { data: Item[]; meta: CursorMeta } {
  const { data, limit, nextCursor } = stretch;
  return { data: data.map(present), meta: { limit, next_cursor: nextCursor } };
}
