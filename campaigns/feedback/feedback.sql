-- note
-- Keep an event, once; nothing for a repeat.
INSERT INTO events (key, type, at, ses_message_id, message_id, run_date, raw)
VALUES (%(key)s, %(type)s, %(at)s, %(ses_message_id)s, %(message_id)s, %(run_date)s, %(raw)s)
ON CONFLICT DO NOTHING RETURNING key;

-- find
-- The message that an event speaks of.
SELECT m.state, m.ses_message_id, m.live, m.due_at, k.address_hash
  FROM messages m LEFT JOIN contacts k ON k.member_id = m.member_id
 WHERE m.id = %(message_id)s AND m.run_date = %(run_date)s AND m.arm = 'mailed'
   FOR UPDATE OF m;

-- move
-- Where the event led. A Send of another call means that SES took the message twice.
UPDATE messages
   SET state = %(state)s, accepted_twice = accepted_twice OR (ses_message_id IS NOT NULL AND ses_message_id <> %(ses_message_id)s),
       ses_message_id = coalesce(ses_message_id, %(ses_message_id)s), reason = CASE WHEN %(state)s = 'failed' THEN %(type)s ELSE reason END,
       sent_at = coalesce(sent_at, CASE WHEN live THEN %(sent_at)s ELSE due_at END)
 WHERE id = %(message_id)s AND run_date = %(run_date)s;

-- suppress
-- Never write to this address again.
INSERT INTO suppressions (address_hash, reason, at) VALUES (%(address_hash)s, %(reason)s, %(at)s) ON CONFLICT DO NOTHING;

-- soft_bounces
-- How many of a message's member's mails bounced softly of late.
SELECT count(DISTINCT e.message_id) FROM events e JOIN messages m ON m.id = e.message_id AND m.run_date = e.run_date
 WHERE m.member_id = (SELECT member_id FROM messages WHERE id = %(message_id)s AND run_date = %(run_date)s)
   AND e.type = 'Bounce' AND e.raw #>> '{bounce,bounceType}' <> 'Permanent' AND e.at > %(since)s;

-- spool
-- How far a file of events was read.
SELECT read_up_to FROM spools WHERE path = %(path)s;

-- spooled
-- A file of events was read so far.
INSERT INTO spools (path, read_up_to) VALUES (%(path)s, %(read_up_to)s)
ON CONFLICT (path) DO UPDATE SET read_up_to = greatest(spools.read_up_to, excluded.read_up_to);

-- unsubscribe
-- No mail to this message's member any more.
UPDATE contacts SET unsubscribed_at = greatest(unsubscribed_at, %(at)s)
 WHERE member_id = (SELECT member_id FROM messages WHERE id = %(message_id)s AND run_date = %(run_date)s)
RETURNING member_id;

-- doubts
-- Messages in doubt, by when the call was made.
SELECT count(*), min(a.started_at) FROM messages m JOIN attempts a ON a.message_id = m.id
 WHERE m.state = 'in_doubt' AND a.number = (SELECT max(number) FROM attempts b WHERE b.message_id = m.id);

-- settle
-- Not sent, by the evidence: around the call the stream of events is whole, a later call's Send has arrived, and this one's has not.
WITH doubtful AS (
    SELECT m.id, m.run_date, m.live, m.due_at, a.number, a.started_at
      FROM messages m JOIN attempts a ON a.message_id = m.id
     WHERE m.state = 'in_doubt' AND a.started_at + %(after)s <= %(wall)s
       AND a.number = (SELECT max(number) FROM attempts b WHERE b.message_id = m.id)
), unsent AS (
    SELECT d.* FROM doubtful d
     WHERE NOT EXISTS (
               SELECT FROM attempts k
                WHERE k.outcome = 'accepted' AND k.ended_at BETWEEN d.started_at - %(after)s AND d.started_at + %(after)s
                  AND NOT EXISTS (SELECT FROM events e WHERE e.type = 'Send' AND e.ses_message_id = k.ses_message_id))
       AND EXISTS (
               SELECT FROM (SELECT started_at, ses_message_id FROM attempts WHERE outcome = 'accepted'
                            UNION ALL SELECT started_at, ses_message_id FROM probes) k
                 JOIN events e ON e.type = 'Send' AND e.ses_message_id = k.ses_message_id
                WHERE k.started_at >= d.started_at + %(after)s)
), told AS (
    UPDATE attempts a SET outcome = 'not_sent' FROM unsent u WHERE a.message_id = u.id AND a.number = u.number
)
UPDATE messages m
   SET state = CASE WHEN u.live AND %(now)s >= u.due_at + %(expires)s THEN 'expired' ELSE 'planned' END,
       claimed_by = NULL, claimed_at = NULL
  FROM unsent u WHERE m.id = u.id AND m.run_date = u.run_date AND m.state = 'in_doubt'
RETURNING m.state;

-- needs_probe
-- Is a message in doubt for long enough, and no later call made that would tell?
SELECT EXISTS (
    SELECT FROM messages m JOIN attempts a ON a.message_id = m.id
     WHERE m.state = 'in_doubt' AND a.started_at + %(after)s <= %(wall)s
       AND NOT EXISTS (SELECT FROM attempts k WHERE k.outcome = 'accepted' AND k.started_at >= a.started_at + %(after)s)
       AND NOT EXISTS (SELECT FROM probes p WHERE p.started_at >= a.started_at + %(after)s));

-- probed
-- A mail to the SES mailbox simulator went out: its Send event will show that the stream flows.
INSERT INTO probes (id, started_at, ses_message_id) VALUES (%(id)s, %(started_at)s, %(ses_message_id)s);
