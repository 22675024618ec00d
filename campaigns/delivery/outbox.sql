-- enlist
-- A new worker's number; the advisory lock on it says that the worker lives.
SELECT nextval('worker_ids')::integer;

-- live
-- Hold the lock that says so, for as long as this connection lasts.
SELECT pg_advisory_lock(%(class)s, %(worker)s);

-- reclaim
-- Take back what dead workers held: what they had only claimed is waiting again, what they were sending is in doubt.
UPDATE messages SET state = CASE state WHEN 'claimed' THEN 'planned' ELSE 'in_doubt' END, claimed_by = NULL, claimed_at = NULL
 WHERE state IN ('claimed', 'sending')
   AND (claimed_at < %(wall)s - %(lease)s
        OR NOT EXISTS (SELECT FROM pg_locks l
                        WHERE l.locktype = 'advisory' AND l.classid = %(class)s AND l.objid = claimed_by AND l.objsubid = 2
                          AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())))
RETURNING state;

-- claim
-- Messages that are due and that no other worker holds, oldest first, each checked again at its time; shadows by the same checks.
WITH due AS (
    SELECT m.*, c.state AS campaign_state, CASE WHEN m.live THEN %(now)s ELSE m.due_at END AS at
      FROM messages m JOIN campaigns c ON c.id = m.campaign_id
     WHERE m.state = 'planned'
       AND (NOT m.live OR m.due_at <= %(now)s OR c.state = 'stopped')
       AND (c.state <> 'paused' OR (m.live AND m.due_at + %(expires)s <= %(now)s))
       AND (%(day)s::date IS NULL OR m.run_date = %(day)s)
     ORDER BY m.due_at, m.id LIMIT %(limit)s
       FOR UPDATE OF m SKIP LOCKED
), judged AS (
    SELECT d.campaign_id, d.run_date, d.member_id, d.step, d.at, local_hour(d.at, d.utc_offset) AS hour,
           k.email, k.given_name, k.pixel_consent,
           CASE WHEN d.campaign_state = 'stopped' THEN 'campaign_stopped'
                WHEN d.at >= d.due_at + %(expires)s THEN 'expired'
                WHEN contact_refusal(k, d.at) IS NOT NULL THEN contact_refusal(k, d.at)
                WHEN d.returned_at < d.at THEN 'returned'
                WHEN mails_between(d.member_id, d.at - %(cap_within)s, d.at) > %(cap_mails)s THEN 'frequency_cap'
           END AS refusal
      FROM due d LEFT JOIN contacts k ON k.member_id = d.member_id
), settled AS (
    SELECT j.*, j.refusal IS NULL AND in_quiet_hours(j.hour, %(quiet_start)s, %(quiet_end)s) AS quiet FROM judged j
)
UPDATE messages m
   SET state = CASE WHEN s.refusal = 'expired' THEN 'expired' WHEN s.refusal IS NOT NULL THEN 'suppressed'
                    WHEN s.quiet THEN 'planned' WHEN m.arm = 'holdout' THEN 'held_out' ELSE 'claimed' END,
       reason = CASE WHEN s.refusal <> 'expired' THEN s.refusal END,
       due_at = CASE WHEN s.quiet THEN end_of_quiet_hours(s.at, m.utc_offset, %(quiet_end)s) ELSE m.due_at END,
       claimed_by = CASE WHEN s.refusal IS NULL AND NOT s.quiet AND m.arm = 'mailed' THEN %(worker)s END,
       claimed_at = CASE WHEN s.refusal IS NULL AND NOT s.quiet AND m.arm = 'mailed' THEN %(wall)s END
  FROM settled s
 WHERE (m.campaign_id, m.run_date, m.member_id, m.step) = (s.campaign_id, s.run_date, s.member_id, s.step)
RETURNING m.id, m.run_id, m.run_date, m.member_id, m.state, s.at, m.content, s.email, s.given_name, s.pixel_consent;

-- begin
-- Still ours? A worker whose claim was given to another sends nothing. Committed before the call.
WITH ours AS (
    UPDATE messages SET state = 'sending'
     WHERE id = ANY(%(ids)s) AND run_date = ANY(%(days)s) AND state = 'claimed' AND claimed_by = %(worker)s
    RETURNING id, run_date
)
INSERT INTO attempts (message_id, run_date, number, worker, started_at)
SELECT id, run_date, 1 + (SELECT count(*) FROM attempts a WHERE a.message_id = ours.id), %(worker)s, %(wall)s FROM ours
RETURNING message_id, number;

-- accepted
-- SES took it. Where an event was faster, the state it led to stays.
UPDATE messages
   SET state = CASE WHEN state IN ('planned', 'claimed', 'sending', 'in_doubt') THEN 'sent' ELSE state END,
       accepted_twice = accepted_twice OR coalesce(ses_message_id <> %(ses_message_id)s, false),
       ses_message_id = coalesce(ses_message_id, %(ses_message_id)s), sent_at = coalesce(sent_at, %(at)s), subject = %(subject)s
 WHERE id = %(id)s AND run_date = %(run_date)s;

-- unclear
-- Nobody knows whether SES took it.
UPDATE messages SET state = 'in_doubt', subject = %(subject)s
 WHERE id = %(id)s AND run_date = %(run_date)s AND state = 'sending' AND claimed_by = %(worker)s;

-- waiting_again
-- SES surely did not take it, and may later.
UPDATE messages SET state = 'planned', claimed_by = NULL, claimed_at = NULL
 WHERE id = %(id)s AND run_date = %(run_date)s AND state = 'sending' AND claimed_by = %(worker)s;

-- failed
-- SES refused it for good.
UPDATE messages SET state = 'failed', reason = %(reason)s
 WHERE id = %(id)s AND run_date = %(run_date)s AND state IN ('claimed', 'sending') AND claimed_by = %(worker)s;

-- release
-- Give back what was claimed and not begun.
UPDATE messages SET state = 'planned', claimed_by = NULL, claimed_at = NULL WHERE state = 'claimed' AND claimed_by = %(worker)s;

-- attempted
-- How an attempt ended; attempts are kept.
UPDATE attempts SET ended_at = %(wall)s, outcome = %(outcome)s, ses_message_id = %(ses_message_id)s, said = %(said)s
 WHERE message_id = %(id)s AND number = %(number)s;

-- busy
-- Is anything due, or held by a worker that lives?
SELECT EXISTS (
    SELECT FROM messages m JOIN campaigns c ON c.id = m.campaign_id
     WHERE (%(day)s::date IS NULL OR m.run_date = %(day)s)
       AND (m.state IN ('claimed', 'sending')
            OR (m.state = 'planned' AND (c.state = 'stopped' OR (c.state = 'running' AND (NOT m.live OR m.due_at <= %(now)s))))));

-- due
-- How many messages are due now.
SELECT count(*) FROM messages m JOIN campaigns c ON c.id = m.campaign_id
 WHERE m.state = 'planned' AND (c.state = 'stopped' OR (c.state = 'running' AND (NOT m.live OR m.due_at <= %(now)s)))
   AND (%(day)s::date IS NULL OR m.run_date = %(day)s);

-- waiting
-- Messages that wait, to be told of comebacks: who, and since when one counts.
SELECT DISTINCT member_id, cutoff FROM messages WHERE state = 'planned';

-- returned
-- The first comeback of a waiting member.
UPDATE messages m SET returned_at = r.at FROM returned r
 WHERE m.state = 'planned' AND m.member_id = r.member_id AND m.cutoff = r.cutoff AND m.returned_at IS DISTINCT FROM r.at;

-- suppress_stopped
-- A stopped campaign's waiting messages.
UPDATE messages SET state = 'suppressed', reason = 'campaign_stopped' WHERE campaign_id = %(campaign_id)s AND state = 'planned';

-- template
-- What a run's messages are made of, as it was approved.
SELECT c.name AS campaign, v.template, v.definition
  FROM runs r JOIN campaigns c ON c.id = r.campaign_id
  JOIN campaign_versions v ON v.campaign_id = r.campaign_id AND v.version = r.campaign_version
 WHERE r.id = %(run_id)s;
