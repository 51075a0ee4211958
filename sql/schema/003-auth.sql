-- Users, their sessions in the service, and keys of outside systems.

create table users (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    email varchar(255) not null,
    -- bcrypt, or '!' for a user who signs in to PostgreSQL only; never plain text
    password_hash varchar(255) not null default '!'
        check (password_hash = '!' or password_hash ~ '^\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53}$'),
    name varchar(200) not null,
    role varchar(50) not null check (role in (
        'admin', 'supervisor', 'operador', 'lecturista',
        'cajero', 'atencion_cliente', 'tecnico', 'auditor', 'readonly'
    )),
    -- the PostgreSQL role this person signs in with: what isolation rests on
    db_role varchar(63) unique,
    permissions jsonb not null default '[]' check (jsonb_typeof(permissions) = 'array'),
    explotacion_ids uuid[] not null default '{}',
    office_ids uuid[] not null default '{}',
    active boolean not null default true,
    last_login_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    unique (tenant_id, id),
    unique (tenant_id, email)
);

create table sessions (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null,
    tenant_id uuid not null references tenants (id),
    token_hash varchar(255) not null,
    ip_address inet,
    user_agent text,
    metadata jsonb not null default '{}' check (jsonb_typeof(metadata) = 'object'),
    expires_at timestamptz not null,
    created_at timestamptz not null default now(),
    unique (tenant_id, id),
    unique (tenant_id, token_hash),
    foreign key (tenant_id, user_id) references users (tenant_id, id)
);

create index idx_sessions_user on sessions (tenant_id, user_id);

create table api_keys (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants (id),
    name varchar(100) not null,
    key_hash varchar(255) not null,
    scopes jsonb not null default '[]' check (jsonb_typeof(scopes) = 'array'),
    last_used_at timestamptz,
    expires_at timestamptz,
    active boolean not null default true,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    version integer not null default 1,
    unique (tenant_id, id),
    unique (tenant_id, key_hash)
);

create trigger touch_row before update on users
for each row execute function supra.touch_row();
create trigger touch_row before update on api_keys
for each row execute function supra.touch_row();

grant select (id, tenant_id, db_role, active) on users to supra_guard;
grant select (id, slug, name, active) on tenants to supra_guard;
