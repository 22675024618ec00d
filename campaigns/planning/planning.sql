-- open
-- A campaign's run of a day, frozen the first time it is opened; none where the version is not the one that may run any more.
INSERT INTO runs (campaign_id, run_date, campaign_version, live, cutoff, now, frozen)
SELECT c.id, %(run_date)s, c.approved_version, %(live)s, %(cutoff)s, %(now)s, %(frozen)s
  FROM campaigns c WHERE c.id = %(campaign_id)s AND c.state = 'running' AND c.approved_version = %(campaign_version)s
   FOR SHARE OF c
ON CONFLICT ON CONSTRAINT one_run_a_campaign_and_day DO NOTHING;

-- find
-- The run of a campaign on a day, with what its version asks for.
SELECT r.id, r.campaign_id, c.name AS campaign, r.run_date, r.live, r.cutoff, r.now, r.frozen, r.planned_at, r.counts,
       v.definition, v.template ->> 'source_hash' AS template_version
  FROM runs r JOIN campaigns c ON c.id = r.campaign_id
  JOIN campaign_versions v ON v.campaign_id = r.campaign_id AND v.version = r.campaign_version
 WHERE r.campaign_id = %(campaign_id)s AND r.run_date = %(run_date)s;

-- contacts
-- Every contact, or those of some members and of others at their addresses: what speaks against writing to them today.
-- `address` is told where several share it. A shadow counts as a mail.
WITH judged AS (
    SELECT k.member_id, k.address_hash, coalesce(consent_refusal(k, %(now)s), CASE WHEN s.address_hash IS NOT NULL THEN 'suppressed' END) AS refusal
      FROM contacts k LEFT JOIN suppressions s ON s.address_hash = k.address_hash
     WHERE %(members)s::text[] IS NULL OR k.member_id = ANY(%(members)s::text[])
        OR k.address_hash IN (SELECT address_hash FROM contacts WHERE member_id = ANY(%(members)s::text[]))
), shared AS (
    SELECT address_hash FROM judged WHERE refusal IS NULL GROUP BY address_hash HAVING count(*) > 1
), entered AS (
    SELECT member_id, %(again_after)s::integer IS NULL OR last_run > %(run_date)s::date - %(again_after)s OR next_step IS NOT NULL AS already
      FROM entries WHERE campaign_id = %(campaign_id)s
), recent AS (
    SELECT member_id, count(*) FILTER (WHERE due_at > %(cap_since)s AND state NOT IN ('failed', 'suppressed', 'expired')) AS mails,
           bool_or(run_date = %(run_date)s AND campaign_id <> %(campaign_id)s) AS other
      FROM messages WHERE run_date >= least(%(cap_since)s::date - 3, %(run_date)s)  -- a mail is due within 3 days of its run: whole months are left out
     GROUP BY member_id
)
SELECT k.member_id, k.refusal, CASE WHEN d.address_hash IS NOT NULL AND k.refusal IS NULL THEN k.address_hash END AS address,
       e.member_id IS NOT NULL AS entered, coalesce(e.already, false) AS already,
       coalesce(r.mails >= %(cap_mails)s, false) AS capped, coalesce(r.other, false) AS other
  FROM judged k
  LEFT JOIN shared d ON d.address_hash = k.address_hash
  LEFT JOIN entered e ON e.member_id = k.member_id
  LEFT JOIN recent r ON r.member_id = k.member_id;

-- steps_due
-- Entries whose next step has come, longest waiting first, with the reason against writing to them today; a series began with its first mail.
SELECT e.member_id, e.arm, e.propensity, e.explored, e.next_step AS step, coalesce(began.cutoff, r.cutoff) AS cutoff,
       coalesce(contact_refusal(k, %(now)s),
                CASE WHEN mails_between(e.member_id, %(cap_since)s, 'infinity') >= %(cap_mails)s THEN 'frequency_cap' END,
                CASE WHEN EXISTS (SELECT FROM messages t WHERE t.member_id = e.member_id AND t.run_date = %(run_date)s
                                     AND t.campaign_id <> e.campaign_id) THEN 'other_campaign' END) AS reason
  FROM entries e JOIN runs r ON r.campaign_id = e.campaign_id AND r.run_date = e.first_run
  LEFT JOIN contacts k ON k.member_id = e.member_id
  LEFT JOIN LATERAL (SELECT m.cutoff FROM messages m WHERE m.campaign_id = e.campaign_id AND m.member_id = e.member_id AND m.step = 0
                      ORDER BY m.run_date DESC LIMIT 1) began ON true
 WHERE e.campaign_id = %(campaign_id)s AND e.next_step IS NOT NULL AND e.next_on <= %(run_date)s
 ORDER BY e.next_on, e.member_id;

-- end_series
-- No more steps for those who came back.
UPDATE entries SET next_step = NULL, next_on = NULL
 WHERE campaign_id = %(campaign_id)s AND member_id = ANY(%(members)s);

-- waiting
-- Mails planned and not yet gone: they will use the quota too.
SELECT count(*) FROM messages WHERE arm = 'mailed' AND state IN ('planned', 'claimed', 'sending', 'in_doubt');

-- planned_shard
-- This shard is planned; nothing where it is already.
INSERT INTO planned_shards (run_id, shard) VALUES (%(run_id)s, %(shard)s) ON CONFLICT DO NOTHING RETURNING shard;

-- stage
-- Where a shard's rows arrive before they become entries and messages.
CREATE TEMPORARY TABLE planned (
    member_id text, arm text, propensity double precision, explored boolean, arms jsonb, step integer, due_at timestamptz,
    utc_offset integer, content jsonb, refusal text
) ON COMMIT DROP;

-- enter
-- First choices become entries, once; those chosen again or followed up move on.
INSERT INTO entries (campaign_id, member_id, arm, first_run, due_at, propensity, explored, arms, last_run, next_step, next_on)
SELECT %(campaign_id)s, member_id, arm, %(run_date)s, due_at, propensity, explored, arms, %(run_date)s,
       CASE WHEN (%(after_days)s::integer[])[step + 1] IS NOT NULL THEN step + 1 END,
       %(run_date)s + (%(after_days)s::integer[])[step + 1]
  FROM planned
ON CONFLICT (campaign_id, member_id) DO UPDATE
   SET last_run = excluded.last_run, next_step = excluded.next_step,
       next_on = excluded.last_run + (%(after_days)s::integer[])[excluded.next_step]
                 - coalesce((%(after_days)s::integer[])[excluded.next_step - 1], 0);

-- promise
-- One message a member, run and step; a held-out member's is a shadow.
INSERT INTO messages (id, campaign_id, run_id, run_date, member_id, step, arm, state, reason, propensity, live, cutoff, due_at,
                      utc_offset, content, template_version)
SELECT md5(concat_ws(':', %(campaign)s::text, %(run_date)s::date, step, member_id))::uuid, %(campaign_id)s, %(run_id)s, %(run_date)s,
       member_id, step, arm, CASE WHEN refusal IS NULL THEN 'planned' ELSE 'suppressed' END, refusal, propensity, %(live)s,
       %(cutoff)s, due_at, utc_offset, content, %(template_version)s
  FROM planned;

-- close
-- The run is planned: what became of everyone it looked at.
UPDATE runs SET planned_at = %(wall)s, counts = %(counts)s WHERE id = %(run_id)s AND planned_at IS NULL;

-- register
-- The first run registers how many members the campaign plans to judge; the report's intervals are tuned to it for good.
UPDATE campaigns SET planned_members = %(planned_members)s WHERE id = %(campaign_id)s AND planned_members IS NULL;

-- runnable
-- Campaigns that run, in the order in which they choose.
SELECT c.id, c.name, c.approved_version AS version, v.definition
  FROM campaigns c JOIN campaign_versions v ON v.campaign_id = c.id AND v.version = c.approved_version
 WHERE c.state = 'running' AND (%(name)s::text IS NULL OR c.name = %(name)s);

-- mailed
-- Win-back mails that went out: what wears on a member. Readers cut at their own time.
SELECT member_id, coalesce(sent_at, due_at) AS mailed_at FROM messages
 WHERE arm = 'mailed' AND state IN ('sent', 'delivered', 'bounced', 'complained', 'in_doubt');

-- matured
-- Entries whose window has closed by a time: what was tried on whom, and with which probability.
SELECT e.member_id, c.name AS campaign, e.first_run AS run_date, e.arm, e.propensity, e.due_at AS since,
       (v.definition -> 'win_back' ->> 'within_days')::integer AS within_days, r.cutoff AS at
  FROM entries e JOIN campaigns c ON c.id = e.campaign_id
  JOIN runs r ON r.campaign_id = e.campaign_id AND r.run_date = e.first_run
  JOIN campaign_versions v ON v.campaign_id = e.campaign_id AND v.version = r.campaign_version
 WHERE e.due_at + make_interval(days => (v.definition -> 'win_back' ->> 'within_days')::integer) <= %(as_of)s;
