export { actStatement, recordAct } from './record.ts';
