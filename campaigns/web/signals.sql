-- opened
-- Titles that a member opened since a time, the latest first: from mails, from the picks on the welcome page, and from
-- what else it showed. A mail of which every link was followed was followed by a scanner.
SELECT title_id FROM (
    SELECT (jsonb_build_array(m.content -> 'hero') || jsonb_path_query_array(m.content, '$.rows[*].picks[*]'))
             -> k.place ->> 'title_id' AS title_id, k.at
      FROM messages m
      CROSS JOIN LATERAL (SELECT c.place, max(c.at) AS at, count(*) OVER () AS places FROM clicks c
                           WHERE c.message_id = m.id AND c.run_date = m.run_date GROUP BY c.place) k
     WHERE m.member_id = %(member_id)s AND k.at >= %(since)s
       AND k.places <= greatest(1, jsonb_array_length(jsonb_path_query_array(m.content, '$.rows[*].picks[*]')))
    UNION ALL
    SELECT o.title_id, o.at FROM openings o WHERE o.member_id = %(member_id)s AND o.at >= %(since)s
) opened
 WHERE title_id IS NOT NULL GROUP BY title_id ORDER BY max(at) DESC, title_id LIMIT 20;

-- message
-- A message, whom it was for, and which titles its campaign now rules out; nothing of members who were erased.
SELECT m.member_id, m.content, c.given_name, coalesce(v.definition -> 'titles', '{}')
  FROM messages m LEFT JOIN contacts c ON c.member_id = m.member_id
  JOIN campaigns a ON a.id = m.campaign_id
  LEFT JOIN campaign_versions v ON v.campaign_id = a.id AND v.version = a.approved_version
 WHERE m.id = %(id)s AND m.run_date = %(run_date)s AND c.erased_at IS NULL;

-- viewed
-- The welcome page was seen.
INSERT INTO views (message_id, run_date, at) VALUES (%(id)s, %(run_date)s, %(at)s);

-- searched
-- A member looked for something; on the page of a message, or on a screen of the service.
INSERT INTO searches (member_id, message_id, run_date, query, titles, at)
VALUES (%(member_id)s, %(id)s, %(run_date)s, %(query)s, %(titles)s, %(at)s);

-- open
-- A title was opened on the welcome page that is no pick of the mail.
INSERT INTO openings (member_id, message_id, run_date, title_id, at)
VALUES (%(member_id)s, %(id)s, %(run_date)s, %(title_id)s, %(at)s);

-- drawn
-- A picture that was drawn for a screen of the service, with its probability; drawn again the same day it is the same.
INSERT INTO pictures (member_id, day, title_id, artwork_id, propensity, candidates, at)
VALUES (%(member_id)s, %(day)s, %(title_id)s, %(artwork_id)s, %(propensity)s, %(candidates)s, %(at)s)
ON CONFLICT DO NOTHING;
