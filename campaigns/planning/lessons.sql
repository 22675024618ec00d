-- sent
-- Mails that went out on days between two, and when they were due.
SELECT c.name, m.run_date, m.member_id, m.due_at FROM messages m JOIN campaigns c ON c.id = m.campaign_id
 WHERE m.run_date >= %(from)s AND m.due_at < %(until)s AND m.arm = 'mailed' AND m.sent_at IS NOT NULL;

-- clicked
-- Titles that were clicked in them: a link's place counts the picks of a mail, the hero first.
SELECT c.name, m.run_date, m.member_id,
       (jsonb_build_array(m.content -> 'hero') || jsonb_path_query_array(m.content, '$.rows[*].picks[*]'))
         -> k.place ->> 'title_id'
  FROM clicks k JOIN messages m ON m.id = k.message_id AND m.run_date = k.run_date
  JOIN campaigns c ON c.id = m.campaign_id
 WHERE m.run_date >= %(from)s AND m.due_at < %(until)s;

-- placed
-- In which row each title of some mails stood, 1 the first below the hero.
SELECT c.name, m.run_date, m.member_id, p.pick ->> 'title_id', r.place
  FROM unnest(%(members)s::text[], %(days)s::date[]) AS asked (member_id, run_date)
  JOIN messages m ON m.member_id = asked.member_id AND m.run_date = asked.run_date AND m.arm = 'mailed'
  JOIN campaigns c ON c.id = m.campaign_id
 CROSS JOIN LATERAL jsonb_array_elements(m.content -> 'rows') WITH ORDINALITY AS r (strip, place)
 CROSS JOIN LATERAL jsonb_array_elements(r.strip -> 'picks') AS p (pick);
