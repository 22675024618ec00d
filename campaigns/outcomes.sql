-- stage
-- Where comebacks arrive before waiting messages are told of them.
CREATE TEMPORARY TABLE returned (member_id text, cutoff timestamptz, at timestamptz) ON COMMIT DROP;

-- entries
-- Every entry, with the window in which a comeback counts.
SELECT c.name, e.member_id, e.arm, e.propensity, e.explored, e.first_run, e.due_at, e.arms::text,
       (v.definition -> 'win_back' ->> 'within_days')::integer
  FROM entries e JOIN campaigns c ON c.id = e.campaign_id
  JOIN runs r ON r.campaign_id = e.campaign_id AND r.run_date = e.first_run
  JOIN campaign_versions v ON v.campaign_id = e.campaign_id AND v.version = r.campaign_version
 ORDER BY c.name, e.first_run, e.member_id;

-- views
-- Welcome pages that were seen.
SELECT message_id::text, run_date, at FROM views ORDER BY at, message_id, run_date;

-- searches
-- What members looked for, and what was found; no message: on a screen of the service.
SELECT member_id, message_id::text, run_date, query, array_to_string(titles, '|'), at FROM searches
 ORDER BY at, member_id, message_id;

-- openings
-- Titles that were opened on a welcome page though its mail did not show them.
SELECT member_id, message_id::text, run_date, title_id, at FROM openings ORDER BY at, member_id, message_id;

-- pictures
-- Pictures drawn for screens of the service, with their chances.
SELECT member_id, day, title_id, artwork_id, propensity, array_to_string(candidates, '|'), at FROM pictures
 ORDER BY at, member_id, day;
