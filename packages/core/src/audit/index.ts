export { AuditEntry } from './entities.ts';
export { recordAct, type Act } from './record.ts';
