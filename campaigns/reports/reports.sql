-- campaign
-- A campaign, with the window and the share that its runs have locked.
SELECT c.id, c.name, c.state, c.planned_members, v.definition
  FROM campaigns c JOIN campaign_versions v ON v.campaign_id = c.id AND v.version = coalesce(c.approved_version, c.version)
 WHERE c.name = %(name)s;

-- runs
-- What the runs of the days before looked at.
SELECT run_date, counts FROM runs WHERE campaign_id = %(id)s AND run_date < %(day)s AND planned_at IS NOT NULL ORDER BY run_date;

-- states
-- How many messages are in which state.
SELECT step > 0 AS follow_up, arm, state, count(*) AS n, count(*) FILTER (WHERE accepted_twice) AS twice
  FROM messages WHERE campaign_id = %(id)s AND run_date < %(day)s
 GROUP BY 1, 2, 3;

-- entries
-- Everyone the campaign chose, once: the unit of proof.
SELECT e.member_id, e.arm, e.first_run, e.due_at, e.propensity, e.explored, e.arms ->> 'subject' AS subject,
       e.arms ->> 'rows' AS rows, e.arms ->> 'artwork' AS artwork, k.country
  FROM entries e LEFT JOIN contacts k ON k.member_id = e.member_id
 WHERE e.campaign_id = %(id)s AND e.first_run < %(day)s
 ORDER BY e.member_id;

-- messages
-- One row a message: the chosen members alone.
SELECT c.name AS campaign, m.run_date, m.member_id, m.arm, m.step, m.state, m.reason, m.propensity, m.due_at, m.sent_at,
       m.ses_message_id, m.template_version, m.subject, m.content
  FROM messages m JOIN campaigns c ON c.id = m.campaign_id
 WHERE c.name = %(name)s ORDER BY m.run_date, m.member_id, m.step;
