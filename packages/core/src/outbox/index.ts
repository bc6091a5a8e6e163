export { OutboxEvent } from './entities.ts';
export { publish, type NewEvent } from './publish.ts';
