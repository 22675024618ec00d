-- note
-- Keep events, each once; tells which were new.
INSERT INTO events (key, type, at, ses_message_id, message_id, run_date, raw)
SELECT key, type, at, ses_message_id, message_id, run_date, raw::json
  FROM unnest(%(keys)s::text[], %(types)s::text[], %(ats)s::timestamptz[], %(ses_message_ids)s::text[],
              %(message_ids)s::uuid[], %(run_dates)s::date[], %(raws)s::text[])
       AS e (key, type, at, ses_message_id, message_id, run_date, raw)
ON CONFLICT DO NOTHING RETURNING key;

-- find
-- The messages that events speak of, locked in the order of their ids.
SELECT m.id, m.run_date, m.state, m.ses_message_id
  FROM unnest(%(message_ids)s::uuid[], %(run_dates)s::date[]) AS e (id, run_date)
  JOIN messages m ON m.id = e.id AND m.run_date = e.run_date
 WHERE m.arm = 'mailed'
 ORDER BY m.id
   FOR UPDATE OF m;

-- move
-- Where events led. More than one call that SES took means that the message went twice.
UPDATE messages m
   SET state = e.state, accepted_twice = m.accepted_twice OR e.twice,
       ses_message_id = least(m.ses_message_id, e.ses_message_id),
       reason = CASE WHEN e.state = 'failed' THEN least(CASE WHEN m.ses_message_id IS NOT NULL THEN m.reason END, e.reason) END,
       sent_at = coalesce(m.sent_at, CASE WHEN m.live THEN e.sent_at ELSE m.due_at END)
  FROM unnest(%(message_ids)s::uuid[], %(run_dates)s::date[], %(states)s::text[], %(twice)s::boolean[],
              %(ses_message_ids)s::text[], %(reasons)s::text[], %(sent_ats)s::timestamptz[])
       AS e (id, run_date, state, twice, ses_message_id, reason, sent_at)
 WHERE m.id = e.id AND m.run_date = e.run_date;

-- suppress
-- Never write to this address again. Whatever the order in which reasons arrive, the earliest stays.
INSERT INTO suppressions (address_hash, reason, at) VALUES (address_hash(%(address)s), %(reason)s, %(at)s)
ON CONFLICT (address_hash) DO UPDATE SET reason = excluded.reason, at = excluded.at
 WHERE (excluded.at, excluded.reason) < (suppressions.at, suppressions.reason);

-- given_up
-- When a message's member's mailbox had been full once too often within a while; null: not yet.
WITH bounced AS (
    SELECT e.message_id, e.at
      FROM messages mine JOIN messages m ON m.member_id = mine.member_id
      JOIN events e ON e.message_id = m.id AND e.type = 'Bounce' AND e.raw #>> '{bounce,bounceSubType}' = 'MailboxFull'
     WHERE mine.id = %(message_id)s AND mine.run_date = %(run_date)s
)
SELECT min(b.at) FROM bounced b
 WHERE (SELECT count(DISTINCT c.message_id) FROM bounced c WHERE c.at <= b.at AND c.at > b.at - %(within)s) >= %(times)s;

-- known
-- A file of events, so that it can be locked.
INSERT INTO spools (path, read_up_to) VALUES (%(path)s, 0) ON CONFLICT DO NOTHING;

-- spool
-- How far a file of events was read; whoever else follows it waits.
SELECT read_up_to FROM spools WHERE path = %(path)s FOR UPDATE;

-- spooled
-- A file of events was read so far.
UPDATE spools SET read_up_to = %(read_up_to)s WHERE path = %(path)s;

-- doubts
-- Messages in doubt, and when the first of their calls was made.
SELECT count(*), min(a.started_at)
  FROM messages m
  JOIN LATERAL (SELECT started_at FROM attempts WHERE message_id = m.id ORDER BY number DESC LIMIT 1) a ON true
 WHERE m.state = 'in_doubt';

-- settle
-- Not sent, by the evidence: around the call the stream of events is whole, a later call's Send has arrived, and this one's has not.
WITH doubtful AS MATERIALIZED (
    SELECT m.id, m.run_date, m.live, m.due_at, a.number, a.started_at
      FROM messages m
      JOIN LATERAL (SELECT number, started_at FROM attempts WHERE message_id = m.id ORDER BY number DESC LIMIT 1) a ON true
     WHERE m.state = 'in_doubt' AND a.started_at + %(after)s <= %(wall)s
       FOR UPDATE OF m SKIP LOCKED
), span AS MATERIALIZED (
    SELECT min(started_at) AS since, max(started_at) AS until FROM doubtful
), untold AS MATERIALIZED (
    SELECT k.ended_at FROM acknowledged k
     WHERE k.ended_at BETWEEN (SELECT since FROM span) - %(after)s AND (SELECT until FROM span) + %(after)s
       AND NOT EXISTS (SELECT FROM events e WHERE e.type = 'Send' AND e.ses_message_id = k.ses_message_id)
), told AS MATERIALIZED (
    SELECT max(k.started_at) AS started_at FROM acknowledged k
     WHERE k.ended_at >= (SELECT since FROM span) + %(after)s
       AND EXISTS (SELECT FROM events e WHERE e.type = 'Send' AND e.ses_message_id = k.ses_message_id)
), unsent AS (
    SELECT d.* FROM doubtful d, told t
     WHERE t.started_at >= d.started_at + %(after)s
       AND NOT EXISTS (SELECT FROM untold u
                        WHERE u.ended_at BETWEEN d.started_at - %(after)s AND d.started_at + %(after)s)
), noted AS (
    UPDATE attempts a SET outcome = 'not_sent' FROM unsent u WHERE a.message_id = u.id AND a.number = u.number
)
UPDATE messages m
   SET state = CASE WHEN u.live AND %(wall)s >= u.due_at + %(expires)s THEN 'expired' ELSE 'planned' END,
       claimed_by = NULL, claimed_at = NULL
  FROM unsent u WHERE m.id = u.id AND m.run_date = u.run_date
RETURNING m.state;

-- needs_probe
-- Is a message in doubt for long enough, and was no call made since that would tell, or none for long?
SELECT EXISTS (
    SELECT FROM messages m
      JOIN LATERAL (SELECT started_at FROM attempts WHERE message_id = m.id ORDER BY number DESC LIMIT 1) a ON true
     WHERE m.state = 'in_doubt' AND a.started_at + %(after)s <= %(wall)s
       AND NOT EXISTS (SELECT FROM acknowledged k
                        WHERE k.ended_at >= greatest(a.started_at + %(after)s, %(wall)s - %(again)s)
                          AND k.started_at >= greatest(a.started_at + %(after)s, %(wall)s - %(again)s)));

-- probed
-- A mail to the SES mailbox simulator went out: its Send event will show that the stream flows.
INSERT INTO probes (id, started_at, ses_message_id) VALUES (%(id)s, %(started_at)s, %(ses_message_id)s);
