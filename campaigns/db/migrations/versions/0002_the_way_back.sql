-- The welcome page of a message, seen.
CREATE TABLE views (
    message_id uuid NOT NULL,
    run_date date NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX views_of_a_message ON views (message_id);

-- What members looked for, and the titles that this found, in the order shown. Without a message: on the service's screens.
CREATE TABLE searches (
    member_id text NOT NULL,
    message_id uuid,
    run_date date,
    query text NOT NULL,
    titles text[] NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX searches_of_a_member ON searches (member_id, at);

-- Titles opened on the welcome page that are no picks of the mail; those are clicks.
CREATE TABLE openings (
    member_id text NOT NULL,
    message_id uuid NOT NULL,
    run_date date NOT NULL,
    title_id text NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX openings_of_a_member ON openings (member_id, at);

-- Pictures drawn for the service's screens: each choice with its probability, once a day.
CREATE TABLE pictures (
    member_id text NOT NULL,
    day date NOT NULL,
    title_id text NOT NULL,
    artwork_id text NOT NULL,
    propensity double precision NOT NULL CHECK (propensity > 0 AND propensity <= 1),
    candidates text[] NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (member_id, day, title_id, artwork_id, propensity)
);
