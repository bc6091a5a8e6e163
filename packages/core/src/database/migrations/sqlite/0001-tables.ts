import { Migration } from '@mikro-orm/migrations';

/** The tables of the foundation: users, credentials, roles, sessions, keys, the ledger, audit, outbox, idempotency. */
export class Tables extends Migration {
  override up(): void {
    this.addSql(
      table(
        'audit_entry',
        `
        id text not null primary key,
        at datetime not null,
        actor text not null,
        action text not null,
        target text not null,
        client_id text not null,
        session_id text null,
        address text null,
        correlation_id text null,
        details json not null`,
      ),
    );
    this.addSql(`create index audit_entry_actor_index on audit_entry (actor, id)`);
    this.addSql(`create index audit_entry_target_index on audit_entry (target, id)`);
    this.addSql(`create index audit_entry_action_index on audit_entry (action, id)`);
    this.addSql(
      table(
        'idempotency_record',
        `
        scope text not null primary key,
        request_hash text not null,
        status integer not null,
        headers json not null,
        body text not null,
        created_at datetime not null,
        expires_at datetime not null`,
      ),
    );
    this.addSql(`create index idempotency_record_expires_at_index on idempotency_record (expires_at)`);
    this.addSql(
      table(
        'outbox_event',
        `
        id text not null primary key,
        type text not null,
        order_key text not null,
        order_seq bigint null,
        payload json not null,
        created_at datetime not null,
        published_at datetime null`,
      ),
    );
    this.addSql(`create index outbox_event_pending_index on outbox_event (published_at, id)`);
    this.addSql(
      table(
        'revocation',
        `
        id text not null primary key,
        kind text not null,
        value text not null,
        not_before datetime null,
        created_at datetime not null,
        forget_at datetime not null`,
      ),
    );
    this.addSql(`create index revocation_created_at_index on revocation (created_at)`);
    this.addSql(
      table(
        'role',
        `
        name text not null primary key,
        description text not null default '',
        permissions json not null,
        built_in integer not null default false,
        created_at datetime not null`,
      ),
    );
    this.addSql(
      table(
        'signing_key',
        `
        kid text not null primary key,
        algorithm text not null,
        state text not null,
        public_jwk json not null,
        sealed_private_key text not null,
        created_at datetime not null,
        active_from datetime not null,
        retiring_from datetime null,
        gone_from datetime null,
        constraint signing_key_state_check check (state in ('next','active','retiring','gone'))`,
      ),
    );
    this.addSql(
      table(
        'users',
        `
        id text not null primary key,
        email text not null,
        email_key text not null,
        email_verified integer not null default false,
        name text not null default '',
        search_key text not null default '',
        type text null,
        profile json not null,
        status text not null default 'active',
        inactive_reason text null,
        last_login_at datetime null,
        tokens_not_before datetime null,
        created_at datetime not null,
        updated_at datetime not null,
        deleted_at datetime null,
        constraint users_status_check check (status in ('active','inactive','deleted'))`,
      ),
    );
    this.addSql(`create unique index users_email_key_unique on users (email_key)`);
    this.addSql(`create index users_created_at_index on users (created_at, id)`);
    this.addSql(
      table(
        'session',
        `
        id text not null primary key,
        user_id text not null,
        client_id text not null,
        device text not null default '',
        address text not null default '',
        created_at datetime not null,
        last_used_at datetime not null,
        idle_expires_at datetime not null,
        expires_at datetime not null,
        access_issued_at datetime null,
        access_expires_at datetime null,
        ended_at datetime null,
        end_reason text null,
        constraint session_user_id_foreign foreign key (user_id) references users (id) on update no action on delete restrict`,
      ),
    );
    this.addSql(`create index session_user_index on session (user_id, id)`);
    this.addSql(
      table(
        'refresh_token',
        `
        hash text not null primary key,
        session_id text not null,
        parent_hash text null,
        created_at datetime not null,
        claimed_at datetime null,
        constraint refresh_token_session_id_foreign foreign key (session_id) references session (id) on update no action on delete restrict`,
      ),
    );
    this.addSql(`create index refresh_token_session_index on refresh_token (session_id)`);
    this.addSql(
      table(
        'credit_account',
        `
        id text not null primary key,
        owner_id text null,
        unit text not null default 'credit',
        kind text not null,
        name text null,
        status text not null default 'open',
        floor bigint not null default '0',
        ceiling bigint null,
        balance bigint not null default '0',
        held bigint not null default '0',
        seq bigint not null default '0',
        head_hash blob not null,
        head_at datetime null,
        created_at datetime not null,
        constraint credit_account_owner_id_foreign foreign key (owner_id) references users (id) on update no action on delete restrict,
        constraint credit_account_held_check check (held >= 0),
        constraint credit_account_seq_check check (seq >= 0),
        constraint credit_account_floor_check check (kind = 'system' or balance - held >= floor),
        constraint credit_account_ceiling_check check (ceiling is null or balance <= ceiling),
        constraint credit_account_range_check check (balance >= -9007199254740991 and balance <= 9007199254740991),
        constraint credit_account_status_check check (status in ('open','frozen','closed')),
        constraint credit_account_kind_check check (kind in ('user','system'))`,
      ),
    );
    this.addSql(`create unique index credit_account_name_unique on credit_account (name)`);
    this.addSql(`create unique index credit_account_owner_unit_unique on credit_account (owner_id, unit)`);
    this.addSql(
      table(
        'credit_refundable',
        `
        tx_id text not null primary key,
        account_id text not null,
        amount bigint not null,
        refunded bigint not null default '0',
        constraint credit_refundable_account_id_foreign foreign key (account_id) references credit_account (id) on update no action on delete restrict,
        constraint credit_refundable_amount_check check (amount > 0),
        constraint credit_refundable_bound_check check (refunded >= 0 and refunded <= amount)`,
      ),
    );
    this.addSql(
      table(
        'credit_entry',
        `
        account_id text not null,
        seq bigint not null,
        tx_id text not null,
        leg integer not null default 0,
        contra_id text not null,
        kind text not null,
        amount bigint not null,
        held_delta bigint not null default '0',
        balance_after bigint not null,
        held_after bigint not null default '0',
        origin_tx_id text null,
        client_id text not null,
        idem_key text null,
        request_hash blob null,
        actor text not null,
        reference text null,
        description text null,
        correlation_id text null,
        metadata json null,
        created_at datetime not null,
        prev_hash blob not null,
        hash blob not null,
        primary key (account_id, seq),
        constraint credit_entry_account_id_foreign foreign key (account_id) references credit_account (id) on update no action on delete restrict,
        constraint credit_entry_contra_id_foreign foreign key (contra_id) references credit_account (id) on update no action on delete restrict,
        constraint credit_entry_seq_check check (seq > 0),
        constraint credit_entry_contra_check check (contra_id <> account_id),
        constraint credit_entry_moves_check check (amount <> 0 or held_delta <> 0),
        constraint credit_entry_range_check check (amount >= -9007199254740991 and amount <= 9007199254740991)`,
      ),
    );
    this.addSql(`create index credit_entry_origin_index on credit_entry (origin_tx_id)`);
    this.addSql(`create unique index credit_entry_tx_unique on credit_entry (tx_id, leg)`);
    this.addSql(`create unique index credit_entry_key_unique on credit_entry (client_id, idem_key, leg)`);
    this.addSql(
      table(
        'credential',
        `
        user_id text not null primary key,
        password_hash text not null,
        changed_at datetime not null,
        constraint credential_user_id_foreign foreign key (user_id) references users (id) on update no action on delete restrict`,
      ),
    );
    this.addSql(
      table(
        'user_role',
        `
        user_id text not null,
        role_name text not null,
        primary key (user_id, role_name),
        constraint user_role_user_id_foreign foreign key (user_id) references users (id) on update no action on delete restrict,
        constraint user_role_role_name_foreign foreign key (role_name) references role (name) on update no action on delete restrict`,
      ),
    );
  }
}

/** On one line: MikroORM reads a table's checks back from its SQL text, and only finds those without line breaks. */
function table(name: string, columns: string): string {
  return `create table ${name} (${columns.trim().replace(/\s+/g, ' ')})`;
}
