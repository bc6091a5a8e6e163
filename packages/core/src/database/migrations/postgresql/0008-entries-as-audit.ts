import { Migration } from '@mikro-orm/migrations';

/**
 * An entry is its own audit row: it already says who did what and when, and never changes. With session and address it says all of
 * it, and nothing is written twice. `audit_trail` is the whole audit (decision 9).
 */
export class EntriesAsAudit extends Migration {
  override up(): void {
    this.addSql('alter table credit_entry add column session_id uuid null');
    this.addSql('alter table credit_entry add column address text null');
    this.addSql('drop index audit_entry_action_index');
    this.addSql('create index audit_entry_action_index on audit_entry (action, id)');
    // For the sweep: what is pending costs it nothing.
    this.addSql(`create index outbox_event_published_index on outbox_event (published_at)
      where published_at is not null`);
    this.addSql(AUDIT_TRAIL);
  }
}

/**
 * Every act once, by `(id, leg)`: the two legs of a transfer have one id. Rows of postings in `audit_entry` are from before this
 * migration; only they have the session and the address of those postings.
 */
const AUDIT_TRAIL = `
  create view audit_trail as
    select id, 0 as leg, at, actor, action, target, client_id, session_id, address, correlation_id, details
    from audit_entry where action <> 'credits.posted'
    union all
    select e.tx_id, e.leg, e.created_at, e.actor, 'credits.posted', 'user:' || a.owner_id, e.client_id, e.session_id, e.address,
      e.correlation_id, jsonb_build_object('type', e.kind, 'unit', a.unit, 'amount', e.amount, 'held_change', e.held_delta,
        'balance_after', e.balance_after, 'description', e.description)
    from credit_entry e join credit_account a on a.id = e.account_id`;
