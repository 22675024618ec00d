-- campaign
-- A campaign, with the window and the share that its runs have locked.
SELECT c.id, c.name, c.state, c.planned_members, v.definition
  FROM campaigns c JOIN campaign_versions v ON v.campaign_id = c.id AND v.version = coalesce(c.approved_version, c.version)
 WHERE c.name = %(name)s;

-- runs
-- What the runs before a time looked at.
SELECT run_date, counts FROM runs WHERE campaign_id = %(id)s AND now < %(as_of)s AND planned_at IS NOT NULL ORDER BY run_date;

-- states
-- How many messages were in which state at a time, as far as the message alone tells; `said`: the states that SES had named
-- by then, where it named more afterwards. What is not over yet waits, but for what its run or a stopped campaign settled.
-- A replayed day's messages go at the time when they are due, and what SES says of them then is of no other day.
WITH late AS (
    SELECT DISTINCT message_id FROM events WHERE at >= %(as_of)s AND type = ANY(%(says)s)
), known AS (
    SELECT e.message_id, coalesce(array_agg(DISTINCT e.type) FILTER (WHERE e.at < %(as_of)s), '{}') AS said
      FROM late JOIN events e USING (message_id) WHERE e.type = ANY(%(says)s) GROUP BY e.message_id
)
SELECT m.step > 0 AS follow_up, m.arm,
       CASE WHEN m.reason IN ('no_titles', 'campaign_stopped')
                 OR CASE WHEN m.live AND m.state = 'expired' THEN m.due_at + %(expires)s
                         WHEN m.live THEN coalesce(m.sent_at, m.due_at) ELSE m.due_at END < %(as_of)s
            THEN m.state ELSE 'planned' END AS state,
       CASE WHEN m.live AND m.sent_at < %(as_of)s THEN k.said END AS said,
       count(*) AS n, count(*) FILTER (WHERE m.accepted_twice) AS twice
  FROM messages m JOIN runs r ON r.id = m.run_id LEFT JOIN known k ON k.message_id = m.id
 WHERE m.campaign_id = %(id)s AND r.now < %(as_of)s
 GROUP BY 1, 2, 3, 4;

-- entries
-- Everyone the campaign chose, once: the unit of proof.
SELECT e.member_id, e.arm, e.first_run, e.due_at, e.propensity, e.explored, e.arms ->> 'subject' AS subject,
       e.arms ->> 'rows' AS rows, e.arms ->> 'artwork' AS artwork, e.arms ->> 'popularity' AS popularity,
       e.arms ->> 'hero' AS hero, k.country
  FROM entries e JOIN runs r ON r.campaign_id = e.campaign_id AND r.run_date = e.first_run
  LEFT JOIN contacts k ON k.member_id = e.member_id
 WHERE e.campaign_id = %(id)s AND r.now < %(as_of)s
 ORDER BY e.member_id;

-- messages
-- One row a message: the chosen members alone.
SELECT c.name AS campaign, m.run_date, m.member_id, m.arm, m.step, m.state, m.reason, m.propensity, m.due_at, m.sent_at,
       m.ses_message_id, m.template_version, m.subject, m.content
  FROM messages m JOIN campaigns c ON c.id = m.campaign_id
 WHERE c.name = %(name)s ORDER BY m.run_date, m.member_id, m.step;

-- delivered
-- The first mails that were delivered, the newest first, with who got them, and when (by the wall clock) SES was called.
SELECT m.member_id, m.run_date, m.subject, m.content, m.ses_message_id, m.due_at, m.utc_offset, e.explored,
       k.given_name, k.country, k.language,
       (SELECT max(a.started_at) FROM attempts a WHERE a.message_id = m.id) AS called_at
  FROM messages m JOIN entries e ON e.campaign_id = m.campaign_id AND e.member_id = m.member_id
  JOIN campaigns c ON c.id = m.campaign_id JOIN contacts k ON k.member_id = m.member_id
 WHERE c.name = %(name)s AND m.state = 'delivered' AND m.step = 0 ORDER BY m.run_date DESC, m.id LIMIT %(limit)s;
