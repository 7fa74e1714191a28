/** What the target is known to hold, per path. The source compares the disk with it and sends only the difference. */
export { Catalog } from './catalog.ts';
export { isSameObject, readAt, type CatalogRow, type Trust } from './row.ts';
