import { Migration } from '@mikro-orm/migrations';

/** The tables of the foundation: users, credentials, roles, sessions, keys, the ledger, audit, outbox, idempotency. */
export class Tables extends Migration {
  override up(): void {
    this.addSql(`
      create table audit_entry (
        id uuid not null,
        at timestamptz(3) not null,
        actor text not null,
        action text not null,
        target text not null,
        client_id text not null,
        session_id uuid null,
        address text null,
        correlation_id text null,
        details jsonb not null,
        primary key (id)
      )`);
    this.addSql(`create index audit_entry_actor_index on audit_entry (actor, id)`);
    this.addSql(`create index audit_entry_target_index on audit_entry (target, id)`);
    this.addSql(`create index audit_entry_action_index on audit_entry (action, id)`);
    this.addSql(`
      create table idempotency_record (
        scope text not null,
        request_hash text not null,
        status int not null,
        headers jsonb not null,
        body text not null,
        created_at timestamptz(3) not null,
        expires_at timestamptz(3) not null,
        primary key (scope)
      )`);
    this.addSql(`create index idempotency_record_expires_at_index on idempotency_record (expires_at)`);
    this.addSql(`
      create table outbox_event (
        id uuid not null,
        type text not null,
        order_key text not null,
        order_seq bigint null,
        payload jsonb not null,
        created_at timestamptz(3) not null,
        published_at timestamptz(3) null,
        primary key (id)
      )`);
    this.addSql(`create index outbox_event_pending_index on outbox_event (published_at, id)`);
    this.addSql(`
      create table revocation (
        id uuid not null,
        kind text not null,
        value text not null,
        not_before timestamptz(3) null,
        created_at timestamptz(3) not null,
        forget_at timestamptz(3) not null,
        primary key (id)
      )`);
    this.addSql(`create index revocation_created_at_index on revocation (created_at)`);
    this.addSql(`
      create table role (
        name text not null,
        description text not null default '',
        permissions jsonb not null,
        built_in boolean not null default false,
        created_at timestamptz(3) not null,
        primary key (name)
      )`);
    this.addSql(`
      create table signing_key (
        kid text not null,
        algorithm text not null,
        state text not null,
        public_jwk jsonb not null,
        sealed_private_key text not null,
        created_at timestamptz(3) not null,
        active_from timestamptz(3) not null,
        retiring_from timestamptz(3) null,
        gone_from timestamptz(3) null,
        primary key (kid)
      )`);
    this.addSql(
      `alter table signing_key add constraint signing_key_state_check check (state in ('next','active','retiring','gone'))`,
    );
    this.addSql(`
      create table users (
        id uuid not null,
        email text not null,
        email_key text not null,
        email_verified boolean not null default false,
        name text not null default '',
        search_key text not null default '',
        type text null,
        profile jsonb not null,
        status text not null default 'active',
        inactive_reason text null,
        last_login_at timestamptz(3) null,
        tokens_not_before timestamptz(3) null,
        created_at timestamptz(3) not null,
        updated_at timestamptz(3) not null,
        deleted_at timestamptz(3) null,
        primary key (id)
      )`);
    this.addSql(`alter table users add constraint users_email_key_unique unique (email_key)`);
    this.addSql(`create index users_created_at_index on users (created_at, id)`);
    this.addSql(
      `alter table users add constraint users_status_check check (status in ('active','inactive','deleted'))`,
    );
    this.addSql(`
      create table session (
        id uuid not null,
        user_id uuid not null,
        client_id text not null,
        device text not null default '',
        address text not null default '',
        created_at timestamptz(3) not null,
        last_used_at timestamptz(3) not null,
        idle_expires_at timestamptz(3) not null,
        expires_at timestamptz(3) not null,
        access_issued_at timestamptz(3) null,
        access_expires_at timestamptz(3) null,
        ended_at timestamptz(3) null,
        end_reason text null,
        primary key (id)
      )`);
    this.addSql(`create index session_user_index on session (user_id, id)`);
    this.addSql(`
      create table refresh_token (
        hash text not null,
        session_id uuid not null,
        parent_hash text null,
        created_at timestamptz(3) not null,
        claimed_at timestamptz(3) null,
        primary key (hash)
      )`);
    this.addSql(`create index refresh_token_session_index on refresh_token (session_id)`);
    this.addSql(`
      create table credit_account (
        id uuid not null,
        owner_id uuid null,
        unit text not null default 'credit',
        kind text not null,
        name text null,
        status text not null default 'open',
        floor bigint not null default '0',
        ceiling bigint null,
        balance bigint not null default '0',
        held bigint not null default '0',
        seq bigint not null default '0',
        head_hash bytea not null,
        head_at timestamptz(3) null,
        created_at timestamptz(3) not null,
        primary key (id)
      )`);
    this.addSql(`alter table credit_account add constraint credit_account_name_unique unique (name)`);
    this.addSql(`alter table credit_account add constraint credit_account_owner_unit_unique unique (owner_id, unit)`);
    this.addSql(`alter table credit_account add constraint credit_account_held_check check (held >= 0)`);
    this.addSql(`alter table credit_account add constraint credit_account_seq_check check (seq >= 0)`);
    this.addSql(
      `alter table credit_account add constraint credit_account_floor_check check (kind = 'system' or balance - held >= floor)`,
    );
    this.addSql(
      `alter table credit_account add constraint credit_account_ceiling_check check (ceiling is null or balance <= ceiling)`,
    );
    this.addSql(
      `alter table credit_account add constraint credit_account_range_check check (balance >= -9007199254740991 and balance <= 9007199254740991)`,
    );
    this.addSql(
      `alter table credit_account add constraint credit_account_status_check check (status in ('open','frozen','closed'))`,
    );
    this.addSql(
      `alter table credit_account add constraint credit_account_kind_check check (kind in ('user','system'))`,
    );
    this.addSql(`
      create table credit_refundable (
        tx_id uuid not null,
        account_id uuid not null,
        amount bigint not null,
        refunded bigint not null default '0',
        primary key (tx_id)
      )`);
    this.addSql(`alter table credit_refundable add constraint credit_refundable_amount_check check (amount > 0)`);
    this.addSql(
      `alter table credit_refundable add constraint credit_refundable_bound_check check (refunded >= 0 and refunded <= amount)`,
    );
    this.addSql(`
      create table credit_entry (
        account_id uuid not null,
        seq bigint not null,
        tx_id uuid not null,
        leg smallint not null default 0,
        contra_id uuid not null,
        kind text not null,
        amount bigint not null,
        held_delta bigint not null default '0',
        balance_after bigint not null,
        held_after bigint not null default '0',
        origin_tx_id uuid null,
        client_id text not null,
        idem_key text null,
        request_hash bytea null,
        actor text not null,
        reference text null,
        description text null,
        correlation_id text null,
        metadata jsonb null,
        created_at timestamptz(3) not null,
        prev_hash bytea not null,
        hash bytea not null,
        primary key (account_id, seq)
      )`);
    this.addSql(`create index credit_entry_origin_index on credit_entry (origin_tx_id)`);
    this.addSql(`alter table credit_entry add constraint credit_entry_tx_unique unique (tx_id, leg)`);
    this.addSql(`alter table credit_entry add constraint credit_entry_key_unique unique (client_id, idem_key, leg)`);
    this.addSql(`alter table credit_entry add constraint credit_entry_seq_check check (seq > 0)`);
    this.addSql(`alter table credit_entry add constraint credit_entry_contra_check check (contra_id <> account_id)`);
    this.addSql(
      `alter table credit_entry add constraint credit_entry_moves_check check (amount <> 0 or held_delta <> 0)`,
    );
    this.addSql(
      `alter table credit_entry add constraint credit_entry_range_check check (amount >= -9007199254740991 and amount <= 9007199254740991)`,
    );
    this.addSql(`
      create table credential (
        user_id uuid not null,
        password_hash text not null,
        changed_at timestamptz(3) not null,
        primary key (user_id)
      )`);
    this.addSql(`
      create table user_role (
        user_id uuid not null,
        role_name text not null,
        primary key (user_id, role_name)
      )`);
    this.addSql(
      `alter table session add constraint session_user_id_foreign foreign key (user_id) references users (id) on update no action on delete restrict`,
    );
    this.addSql(
      `alter table refresh_token add constraint refresh_token_session_id_foreign foreign key (session_id) references session (id) on update no action on delete restrict`,
    );
    this.addSql(
      `alter table credit_account add constraint credit_account_owner_id_foreign foreign key (owner_id) references users (id) on update no action on delete restrict`,
    );
    this.addSql(
      `alter table credit_refundable add constraint credit_refundable_account_id_foreign foreign key (account_id) references credit_account (id) on update no action on delete restrict`,
    );
    this.addSql(
      `alter table credit_entry add constraint credit_entry_account_id_foreign foreign key (account_id) references credit_account (id) on update no action on delete restrict`,
    );
    this.addSql(
      `alter table credit_entry add constraint credit_entry_contra_id_foreign foreign key (contra_id) references credit_account (id) on update no action on delete restrict`,
    );
    this.addSql(
      `alter table credential add constraint credential_user_id_foreign foreign key (user_id) references users (id) on update no action on delete restrict`,
    );
    this.addSql(
      `alter table user_role add constraint user_role_user_id_foreign foreign key (user_id) references users (id) on update no action on delete restrict`,
    );
    this.addSql(
      `alter table user_role add constraint user_role_role_name_foreign foreign key (role_name) references role (name) on update no action on delete restrict`,
    );
  }
}
