export { deliverEvents } from './deliver.ts';
export { pendingEvents, type Expand, type OutgoingEvent, type PendingInput, type StoredEvent } from './pending.ts';
export { eventStatement, publish, type NewEvent } from './publish.ts';
