-- enlist
-- A new worker's number; the advisory lock on it says that the worker lives.
SELECT nextval('worker_ids')::integer;

-- live
-- Hold the lock that says so, for as long as this connection lasts.
SELECT pg_advisory_lock(%(class)s, %(worker)s);

-- reclaim
-- Take back what dead workers held: what they had only claimed is waiting again, what they were sending is in doubt.
WITH living AS MATERIALIZED (
    SELECT objid::bigint AS worker FROM pg_locks
     WHERE locktype = 'advisory' AND classid = %(class)s AND objsubid = 2
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
), lost AS (
    SELECT campaign_id, run_date, member_id, step FROM messages
     WHERE state IN ('claimed', 'sending')
       AND (claimed_at < %(wall)s - %(lease)s OR claimed_by NOT IN (SELECT worker FROM living))
       FOR UPDATE SKIP LOCKED
)
UPDATE messages m
   SET state = CASE m.state WHEN 'claimed' THEN 'planned' ELSE 'in_doubt' END, claimed_by = NULL, claimed_at = NULL
  FROM lost l
 WHERE (m.campaign_id, m.run_date, m.member_id, m.step) = (l.campaign_id, l.run_date, l.member_id, l.step)
RETURNING m.state;

-- claim
-- Messages that are due and that no other worker holds, oldest first, each checked again at its time; shadows by the same checks.
-- The cap counts mails that are gone, and of those that wait the ones before this: else two of one day would end each other.
WITH due AS (
    SELECT m.*, c.state AS campaign_state, CASE WHEN m.live THEN %(now)s ELSE m.due_at END AS at
      FROM messages m JOIN campaigns c ON c.id = m.campaign_id
     WHERE m.state = 'planned' AND m.waits_until <= %(now)s
       AND (c.state <> 'paused' OR (m.live AND m.due_at <= %(now)s - %(expires)s))
       AND (%(day)s::date IS NULL OR m.run_date = %(day)s)
     ORDER BY m.waits_until, m.due_at, m.id LIMIT %(limit)s
       FOR UPDATE OF m SKIP LOCKED
), judged AS MATERIALIZED (
    SELECT d.campaign_id, d.run_date, d.member_id, d.step, d.at, local_hour(d.at, d.utc_offset) AS hour,
           k.email, k.given_name, k.pixel_consent,
           coalesce(
               CASE WHEN d.campaign_state = 'stopped' THEN 'campaign_stopped'
                    WHEN d.at >= d.due_at + %(expires)s THEN 'expired' END,
               contact_refusal(k, d.at),
               CASE WHEN d.returned_at < d.at THEN 'returned'
                    WHEN (SELECT count(*) FROM messages o
                           WHERE o.member_id = d.member_id AND o.id <> d.id
                             AND coalesce(o.taken_at, o.due_at) > d.at - %(cap_within)s AND coalesce(o.taken_at, o.due_at) <= d.at
                             AND o.state NOT IN ('failed', 'suppressed', 'expired')
                             AND (o.state <> 'planned' OR (o.due_at, o.id) < (d.due_at, d.id))) >= %(cap_mails)s
                    THEN 'frequency_cap' END) AS refusal
      FROM due d LEFT JOIN contacts k ON k.member_id = d.member_id
), settled AS (
    SELECT j.*, j.refusal IS NULL AND in_quiet_hours(j.hour, %(quiet_start)s, %(quiet_end)s) AS quiet FROM judged j
), decided AS (
    SELECT s.*, s.refusal IS NULL AND NOT s.quiet AS goes FROM settled s
)
UPDATE messages m
   SET state = CASE WHEN s.refusal = 'expired' THEN 'expired' WHEN s.refusal IS NOT NULL THEN 'suppressed'
                    WHEN s.quiet THEN 'planned' WHEN m.arm = 'holdout' THEN 'held_out' ELSE 'claimed' END,
       reason = CASE WHEN s.refusal <> 'expired' THEN s.refusal END,
       due_at = CASE WHEN s.quiet THEN end_of_quiet_hours(s.at, m.utc_offset, %(quiet_end)s) ELSE m.due_at END,
       taken_at = CASE WHEN s.goes THEN s.at END,
       claimed_by = CASE WHEN s.goes AND m.arm = 'mailed' THEN %(worker)s END,
       claimed_at = CASE WHEN s.goes AND m.arm = 'mailed' THEN %(wall)s END
  FROM decided s
 WHERE (m.campaign_id, m.run_date, m.member_id, m.step) = (s.campaign_id, s.run_date, s.member_id, s.step)
RETURNING m.id, m.run_id, m.run_date, m.member_id, m.state, s.at, m.content, s.email, s.given_name, s.pixel_consent;

-- begin
-- Still ours, and still wanted? A worker whose claim was given to another sends nothing; nor does one whose campaign was
-- paused or whose member unsubscribed since: that waits again, to be judged again. Committed before the call.
WITH held AS (
    SELECT m.campaign_id, m.run_date, m.member_id, m.step,
           c.state NOT IN ('paused', 'stopped')
           AND contact_refusal(k, CASE WHEN m.live THEN %(now)s ELSE m.due_at END) IS NULL AS goes
      FROM messages m JOIN campaigns c ON c.id = m.campaign_id LEFT JOIN contacts k ON k.member_id = m.member_id
     WHERE m.id = ANY(%(ids)s) AND m.run_date = ANY(%(days)s) AND m.state = 'claimed' AND m.claimed_by = %(worker)s
     ORDER BY m.id
       FOR UPDATE OF m
), moved AS (
    UPDATE messages m
       SET state = CASE WHEN h.goes THEN 'sending' ELSE 'planned' END,
           claimed_by = CASE WHEN h.goes THEN m.claimed_by END, claimed_at = CASE WHEN h.goes THEN m.claimed_at END
      FROM held h
     WHERE (m.campaign_id, m.run_date, m.member_id, m.step) = (h.campaign_id, h.run_date, h.member_id, h.step)
    RETURNING m.id, m.run_date, m.state
)
INSERT INTO attempts (message_id, run_date, number, worker, started_at)
SELECT id, run_date, 1 + (SELECT count(*) FROM attempts a WHERE a.message_id = moved.id), %(worker)s, %(wall)s
  FROM moved WHERE state = 'sending'
RETURNING message_id, number;

-- unhurried
-- This transaction need not be on the disk before it counts: should the server die within the moment, its messages are
-- left sending, and so in doubt, for evidence to settle. The next `begin` waits for the disk, and carries this with it.
SET LOCAL synchronous_commit = off;

-- accepted
-- SES took it, whatever we came to think meanwhile. Only what an event has said stays.
UPDATE messages
   SET state = CASE WHEN state IN ('delivered', 'bounced', 'complained') OR (state = 'failed' AND ses_message_id IS NOT NULL)
                    THEN state ELSE 'sent' END,
       reason = CASE WHEN state = 'failed' AND ses_message_id IS NOT NULL THEN reason END,
       accepted_twice = accepted_twice OR coalesce(ses_message_id <> %(ses_message_id)s, false),
       ses_message_id = least(ses_message_id, %(ses_message_id)s), sent_at = coalesce(sent_at, %(at)s), subject = %(subject)s
 WHERE id = %(id)s AND run_date = %(run_date)s;

-- unclear
-- Nobody knows whether SES took it.
UPDATE messages SET state = 'in_doubt', subject = %(subject)s
 WHERE id = %(id)s AND run_date = %(run_date)s AND state = 'sending'
   AND NOT EXISTS (SELECT FROM attempts a WHERE a.message_id = %(id)s AND a.number > %(number)s);

-- waiting_again
-- SES surely did not take it, and may later; said by the last attempt, also after someone took us for dead.
UPDATE messages SET state = 'planned', claimed_by = NULL, claimed_at = NULL
 WHERE id = %(id)s AND run_date = %(run_date)s AND state IN ('sending', 'in_doubt')
   AND NOT EXISTS (SELECT FROM attempts a WHERE a.message_id = %(id)s AND a.number > %(number)s);

-- refused
-- SES refused it for good; said by the last attempt, as above.
UPDATE messages SET state = 'failed', reason = %(said)s
 WHERE id = %(id)s AND run_date = %(run_date)s AND state IN ('sending', 'in_doubt')
   AND NOT EXISTS (SELECT FROM attempts a WHERE a.message_id = %(id)s AND a.number > %(number)s);

-- unmade
-- A mail that could not be written failed before any call.
UPDATE messages SET state = 'failed', reason = %(reason)s
 WHERE id = %(id)s AND run_date = %(run_date)s AND state = 'claimed' AND claimed_by = %(worker)s;

-- release
-- Give back what was claimed and not begun.
UPDATE messages SET state = 'planned', claimed_by = NULL, claimed_at = NULL WHERE state = 'claimed' AND claimed_by = %(worker)s;

-- attempted
-- How an attempt ended; attempts are kept.
UPDATE attempts SET ended_at = %(wall)s, outcome = %(outcome)s, ses_message_id = %(ses_message_id)s, said = %(said)s
 WHERE message_id = %(id)s AND number = %(number)s;

-- held
-- Does a worker hold anything? (Those that died were just taken back.)
SELECT EXISTS (SELECT FROM messages
                WHERE state IN ('claimed', 'sending') AND (%(day)s::date IS NULL OR run_date = %(day)s));

-- due
-- How many messages `claim` would take now, counted up to a limit.
SELECT count(*) FROM (
    SELECT FROM messages m JOIN campaigns c ON c.id = m.campaign_id
     WHERE m.state = 'planned' AND m.waits_until <= %(now)s
       AND (c.state <> 'paused' OR (m.live AND m.due_at <= %(now)s - %(expires)s))
       AND (%(day)s::date IS NULL OR m.run_date = %(day)s)
     ORDER BY m.waits_until, m.due_at, m.id LIMIT %(limit)s) taken;

-- waiting
-- Messages that wait, to be told of comebacks: who, and since when one counts.
SELECT DISTINCT member_id, cutoff FROM messages WHERE state = 'planned';

-- returned
-- The first comeback of a waiting member.
WITH back AS (
    SELECT m.campaign_id, m.run_date, m.member_id, m.step, r.at FROM messages m JOIN returned r USING (member_id, cutoff)
     WHERE m.state = 'planned' AND m.returned_at IS DISTINCT FROM r.at
     ORDER BY m.id
       FOR UPDATE OF m
)
UPDATE messages m SET returned_at = b.at FROM back b
 WHERE (m.campaign_id, m.run_date, m.member_id, m.step) = (b.campaign_id, b.run_date, b.member_id, b.step);

-- suppress_stopped
-- The waiting messages of a stopped campaign, or of all; one that is being claimed now is judged by its worker.
WITH stopped AS (
    SELECT m.campaign_id, m.run_date, m.member_id, m.step FROM messages m JOIN campaigns c ON c.id = m.campaign_id
     WHERE m.state = 'planned' AND c.state = 'stopped' AND (%(campaign_id)s::integer IS NULL OR c.id = %(campaign_id)s)
       FOR UPDATE OF m SKIP LOCKED
)
UPDATE messages m SET state = 'suppressed', reason = 'campaign_stopped'
  FROM stopped s
 WHERE (m.campaign_id, m.run_date, m.member_id, m.step) = (s.campaign_id, s.run_date, s.member_id, s.step);

-- template
-- What a run's messages are made of, as it was approved.
SELECT c.name AS campaign, v.template, v.definition
  FROM runs r JOIN campaigns c ON c.id = r.campaign_id
  JOIN campaign_versions v ON v.campaign_id = r.campaign_id AND v.version = r.campaign_version
 WHERE r.id = %(run_id)s;
