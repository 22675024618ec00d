-- What an address is known by where it may not stand itself. Backslashes are doubled, or bytea would read them as escapes.
CREATE FUNCTION address_hash(email text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT encode(sha256(replace(lower(email), '\', '\\')::bytea), 'hex')
$$;

CREATE TABLE contacts (
    member_id text PRIMARY KEY,
    email text,
    address_hash text GENERATED ALWAYS AS (address_hash(email)) STORED,
    given_name text,
    country text,
    language text,
    timezone text,
    signed_up_at timestamptz NOT NULL,
    email_consent boolean NOT NULL DEFAULT false,
    email_consent_at timestamptz,
    email_consent_expires_at timestamptz,
    pixel_consent boolean NOT NULL DEFAULT false,
    unsubscribed_at timestamptz,
    erased_at timestamptz
);
CREATE INDEX contacts_address ON contacts (address_hash);

CREATE TABLE suppressions (
    address_hash text PRIMARY KEY,
    reason text NOT NULL,
    at timestamptz NOT NULL
);

CREATE TABLE users (
    email text PRIMARY KEY,
    role text NOT NULL CHECK (role IN ('viewer', 'analyst', 'marketer', 'approver', 'admin'))
);

CREATE TABLE audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    act text NOT NULL,
    subject text NOT NULL,
    detail jsonb NOT NULL DEFAULT '{}'
);

CREATE TABLE campaigns (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE,
    state text NOT NULL CHECK (state IN ('draft', 'submitted', 'running', 'paused', 'stopped')),
    version integer NOT NULL,
    submitted_version integer,
    approved_version integer,
    submitted_by text,
    planned_members integer,
    created_at timestamptz NOT NULL
);

CREATE TABLE campaign_versions (
    campaign_id integer NOT NULL REFERENCES campaigns,
    version integer NOT NULL,
    definition jsonb NOT NULL,
    template jsonb NOT NULL,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (campaign_id, version)
);

CREATE TABLE runs (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign_id integer NOT NULL REFERENCES campaigns,
    run_date date NOT NULL,
    campaign_version integer NOT NULL,
    live boolean NOT NULL,
    cutoff timestamptz NOT NULL,
    now timestamptz NOT NULL,
    frozen jsonb NOT NULL,
    counts jsonb,
    planned_at timestamptz,
    CONSTRAINT one_run_a_campaign_and_day UNIQUE (campaign_id, run_date),
    FOREIGN KEY (campaign_id, campaign_version) REFERENCES campaign_versions
);

CREATE TABLE planned_shards (
    run_id integer NOT NULL REFERENCES runs,
    shard integer NOT NULL,
    PRIMARY KEY (run_id, shard)
);

CREATE TABLE entries (
    campaign_id integer NOT NULL REFERENCES campaigns,
    member_id text NOT NULL,
    arm text NOT NULL CHECK (arm IN ('mailed', 'holdout')),
    first_run date NOT NULL,
    due_at timestamptz NOT NULL,
    propensity double precision NOT NULL CHECK (propensity > 0 AND propensity < 1),
    explored boolean NOT NULL,
    arms jsonb NOT NULL DEFAULT '{}',
    last_run date NOT NULL,
    next_step integer,
    next_on date,
    PRIMARY KEY (campaign_id, member_id)
);
CREATE INDEX entries_next ON entries (campaign_id, next_on) WHERE next_step IS NOT NULL;

CREATE TABLE messages (
    id uuid NOT NULL,
    campaign_id integer NOT NULL REFERENCES campaigns,
    run_id integer NOT NULL REFERENCES runs,
    run_date date NOT NULL,
    member_id text NOT NULL,
    step integer NOT NULL,
    arm text NOT NULL CHECK (arm IN ('mailed', 'holdout')),
    state text NOT NULL CHECK (state IN ('planned', 'claimed', 'sending', 'sent', 'delivered', 'bounced', 'complained',
                                         'failed', 'suppressed', 'expired', 'in_doubt', 'held_out')),
    reason text,
    propensity double precision NOT NULL,
    live boolean NOT NULL,
    cutoff timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    waits_until timestamptz NOT NULL GENERATED ALWAYS AS (CASE WHEN live THEN due_at ELSE '1970-01-01 00:00+00' END) STORED,
    utc_offset integer NOT NULL,
    content jsonb NOT NULL,
    template_version text NOT NULL,
    subject text,
    returned_at timestamptz,
    claimed_by integer,
    claimed_at timestamptz,
    taken_at timestamptz,
    sent_at timestamptz,
    ses_message_id text,
    accepted_twice boolean NOT NULL DEFAULT false,
    CONSTRAINT one_message_a_member_run_and_step PRIMARY KEY (campaign_id, run_date, member_id, step),
    CONSTRAINT a_shadow_is_never_sent CHECK (arm = 'mailed' OR state IN ('planned', 'held_out', 'suppressed', 'expired'))
) PARTITION BY RANGE (run_date);
CREATE INDEX messages_id ON messages (id);
CREATE INDEX messages_waiting ON messages (waits_until, due_at, id) WHERE state = 'planned';
CREATE INDEX messages_held ON messages (state, claimed_by) WHERE state IN ('claimed', 'sending');
CREATE INDEX messages_in_doubt ON messages (id) WHERE state = 'in_doubt';
CREATE INDEX messages_member ON messages (member_id, due_at);

CREATE SEQUENCE worker_ids AS integer CYCLE;

CREATE TABLE attempts (
    message_id uuid NOT NULL,
    run_date date NOT NULL,
    number integer NOT NULL,
    worker integer NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    outcome text CHECK (outcome IN ('accepted', 'throttled', 'refused', 'stopped', 'in_doubt', 'not_sent')),
    ses_message_id text,
    said text,
    PRIMARY KEY (message_id, number)
);
CREATE INDEX attempts_accepted ON attempts (ended_at) WHERE outcome = 'accepted';

CREATE TABLE probes (
    id uuid PRIMARY KEY,
    started_at timestamptz NOT NULL,
    ses_message_id text NOT NULL
);

-- Calls that SES acknowledged: evidence for its stream of events, and against it where their Send is missing.
CREATE VIEW acknowledged AS
    SELECT started_at, ended_at, ses_message_id FROM attempts WHERE outcome = 'accepted'
    UNION ALL
    SELECT started_at, started_at, ses_message_id FROM probes;

CREATE TABLE events (
    key text PRIMARY KEY,
    type text NOT NULL,
    at timestamptz NOT NULL,
    ses_message_id text NOT NULL,
    message_id uuid,
    run_date date,
    raw json NOT NULL
);
CREATE INDEX events_of_a_call ON events (ses_message_id) WHERE type = 'Send';
CREATE INDEX events_of_a_message ON events (message_id) WHERE message_id IS NOT NULL;

CREATE TABLE clicks (
    message_id uuid NOT NULL,
    run_date date NOT NULL,
    place integer NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX clicks_of_a_message ON clicks (message_id);

CREATE TABLE spools (
    path text PRIMARY KEY,
    read_up_to bigint NOT NULL
);

-- Why a contact has not agreed, or can't be reached, at a business time; null: neither. An unsubscribe counts by all that is known.
-- Without a time of its own consent was given at sign-up. PostgreSQL inlines this one: it stays free of queries.
CREATE FUNCTION consent_refusal(contact contacts, at timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN contact.member_id IS NULL OR NOT contact.email_consent
             OR coalesce(contact.email_consent_at, contact.signed_up_at) >= at
             OR contact.email_consent_expires_at <= at
             OR contact.unsubscribed_at >= coalesce(contact.email_consent_at, contact.signed_up_at) THEN 'no_consent'
        WHEN contact.email IS NULL OR contact.erased_at IS NOT NULL THEN 'no_address'
    END
$$;

-- Why a contact may not be written to at a business time; null: they may. Suppressions count by all that is known.
CREATE FUNCTION contact_refusal(contact contacts, at timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce(consent_refusal(contact, at),
                    CASE WHEN EXISTS (SELECT FROM suppressions s WHERE s.address_hash = contact.address_hash) THEN 'suppressed' END)
$$;

-- How many mails, or shadows of mails, a member has in (since, until].
CREATE FUNCTION mails_between(member text, since timestamptz, until timestamptz) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT count(*) FROM messages m
     WHERE m.member_id = member AND m.due_at > since AND m.due_at <= until
       AND m.state NOT IN ('failed', 'suppressed', 'expired')
$$;

-- The local hour at `at`, in a zone `utc_offset` minutes ahead of UTC.
CREATE FUNCTION local_hour(at timestamptz, utc_offset integer) RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT extract(hour FROM (at AT TIME ZONE 'UTC') + make_interval(mins => utc_offset))::integer
$$;

CREATE FUNCTION in_quiet_hours(hour integer, starts integer, ends integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN starts <= ends THEN hour >= starts AND hour < ends ELSE hour >= starts OR hour < ends END
$$;

-- The next time after `at` at which local quiet hours have ended.
CREATE FUNCTION end_of_quiet_hours(at timestamptz, utc_offset integer, ends integer) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT (date_trunc('day', local.at) + make_interval(days => (extract(hour FROM local.at) >= ends)::integer, hours => ends)
            - make_interval(mins => utc_offset)) AT TIME ZONE 'UTC'
      FROM (SELECT (at AT TIME ZONE 'UTC') + make_interval(mins => utc_offset) AS at) local
$$;
