-- The features by hand, for DuckDB alone: what `bench/features.py` measures the portable expression against.
-- It reads the lake's tables as views, `spine` (member_id, at), whose moment is one, and `clocks`.
WITH asked AS MATERIALIZED (
  SELECT row_number() OVER () AS q, s.member_id, s."at", epoch_us(s."at") // 1000000 AS now, m.timezone AS zone,
         m.favourite_genres, m.signed_up_at, epoch_us(m.signed_up_at) // 1000000 AS signed_up, m.country, m.language,
         m.plan, m.cancelled_at, m.valid_from
    FROM members m JOIN spine s USING (member_id)
   WHERE m.valid_from < s."at" AND m.signed_up_at < s."at"
 QUALIFY row_number() OVER (PARTITION BY s.member_id, s."at" ORDER BY m.valid_from DESC, m.import_no DESC) = 1
),
near AS (
  SELECT a.q, a.now, a.zone, p.title_id, p.minutes, p.device, p.played_at, epoch_us(p.played_at) // 1000000 AS second
    FROM plays p JOIN asked a USING (member_id) WHERE p.played_at < a."at"
),
seen AS MATERIALIZED (
  SELECT q, title_id, minutes, device, played_at, now - second AS age,
         (second + coalesce(CASE WHEN second < c.change THEN c.before ELSE c.after END, 0)) // 3600 AS hour
    FROM near LEFT JOIN clocks c ON c.zone = near.zone AND c.week = near.second // 604800
),
volume AS MATERIALIZED (
  SELECT q, max(played_at) AS last_play_at, max(age) AS first_age, count(*) AS plays, sum(minutes) AS minutes,
         avg(minutes) AS minutes_a_play, count(*) FILTER (age < 604800) AS plays_7d,
         count(*) FILTER (age < 2592000) AS plays_30d, count(*) FILTER (age < 7776000) AS plays_90d,
         count(*) FILTER (age < 31536000) AS plays_365d, count(*) FILTER (hour % 24 >= 18) / count(*) AS evening_share,
         count(*) FILTER ((hour + 72) % 168 >= 120) / count(*) AS weekend_share
    FROM seen GROUP BY q
),
days AS MATERIALIZED (
  SELECT q, hour // 24 AS day, count(*) AS n, max(age) AS first, min(age) AS last FROM seen GROUP BY ALL
),
rhythm AS (
  SELECT q, count(*) AS active_days, max(ago) + 1 AS viewing_days, sum(n) FILTER (ago < 30) AS month,
         sum(n) FILTER (ago < 60) AS two_months, count(*) FILTER (gap > 30) AS comebacks, avg(gap) AS gap_mean,
         stddev_pop(gap) AS gap_spread
    FROM (SELECT q, n, day - lag(day) OVER (PARTITION BY q ORDER BY day) AS gap,
                 max(day) OVER (PARTITION BY q) - day AS ago FROM days)
   GROUP BY q
),
slots AS MATERIALIZED (SELECT q, (hour + 72) % 168 AS slot, count(*) AS n FROM seen GROUP BY ALL),
breadth AS (SELECT q, sum(n) ** 2 / sum(n * n) AS hour_breadth FROM slots GROUP BY q),
top_hours AS (
  SELECT q, first(hour ORDER BY n DESC, hour) AS top_hour
    FROM (SELECT q, slot % 24 AS hour, sum(n) AS n FROM slots GROUP BY ALL) GROUP BY q
),
devices AS (
  SELECT q, first(device ORDER BY n DESC, device) AS device, max(n) / sum(n) AS device_share
    FROM (SELECT q, device, count(*) AS n FROM seen WHERE device IS NOT NULL GROUP BY ALL) GROUP BY q
),
known AS MATERIALIZED (
  SELECT title_id, genres, countries, minutes AS length, added_at, leaves_at, now
    FROM titles, (SELECT DISTINCT "at", now FROM asked) m
   WHERE valid_from < m."at" QUALIFY row_number() OVER (PARTITION BY title_id ORDER BY valid_from DESC, import_no DESC) = 1
),
played AS MATERIALIZED (
  SELECT q, n, watched, length, genres
    FROM (SELECT q, title_id, count(*) AS n, sum(minutes) AS watched FROM seen GROUP BY ALL) LEFT JOIN known USING (title_id)
),
completion AS (
  SELECT q, count(*) AS titles, avg(CASE WHEN watched > length THEN 1 ELSE watched / nullif(length, 0) END) AS completion FROM played GROUP BY q
),
genres AS MATERIALIZED (
  SELECT q, genre, sum(n) AS n, row_number() OVER (PARTITION BY q ORDER BY sum(n) DESC, genre) AS place
    FROM (SELECT q, n, unnest(genres) AS genre FROM played) GROUP BY q, genre
),
taste AS (
  SELECT q, count(*) AS genres_lifetime, sum(n) ** 2 / sum(n * n) AS genre_breadth,
         max(genre) FILTER (place = 1) AS top_genre, max(n) / sum(n) AS top_genre_share,
         coalesce(sum(n) FILTER (place = 2), 0) / sum(n) AS second_genre_share
    FROM genres GROUP BY q
),
got AS MATERIALIZED (
  SELECT a.q, w.mailed_at, a.now - epoch_us(w.mailed_at) // 1000000 AS age
    FROM (SELECT member_id, greatest(coalesce(sent_at, run_date::TIMESTAMPTZ), run_date::TIMESTAMPTZ) AS mailed_at
            FROM mailings WHERE arm = 'mailed') w
    JOIN asked a USING (member_id) WHERE w.mailed_at < a."at"
),
fatigue AS (
  SELECT q, count(*) AS mails, count(*) FILTER (age < 7776000) AS mails_90d, min(age) AS mail_age,
         count(*) FILTER (last_play_at IS NULL OR mailed_at > last_play_at) AS mails_since_play
    FROM got LEFT JOIN volume USING (q) GROUP BY q
),
came AS MATERIALIZED (
  SELECT q, o."at" AS came_at, a.now - epoch_us(o."at") // 1000000 AS age
    FROM outcomes o JOIN asked a USING (member_id) WHERE o.kind = 'resubscribed' AND o."at" < a."at"
),
answers AS (
  SELECT q, count(*) AS answered
    FROM got SEMI JOIN (SELECT q, first, last FROM days UNION ALL SELECT q, age, age FROM came) b
      ON b.q = got.q AND b.last < got.age AND b.first > got.age - 1209600
   GROUP BY q
),
returned AS (SELECT q, max(came_at) AS came_at, min(age) AS age FROM came GROUP BY q),
cancelled AS (
  SELECT a.q, max(m.cancelled_at) AS cancelled_at FROM members m JOIN asked a USING (member_id)
   WHERE m.cancelled_at < a."at" GROUP BY a.q
),
added AS (
  SELECT epoch_us(added_at) // 1000000 AS second, countries, unnest(list_append(genres, '|')) AS genre FROM known
   WHERE epoch_us(added_at) // 1000000 < now AND now - epoch_us(added_at) // 1000000 < 31536000
     AND (leaves_at IS NULL OR epoch_us(leaves_at) // 1000000 > now)
),
there AS (
  SELECT second, genre, unnest(countries) AS country FROM added
   UNION ALL
  SELECT second, genre, country FROM added, (SELECT DISTINCT coalesce(country, '') AS country FROM asked)
   WHERE len(countries) = 0
),
shelves AS (
  SELECT country, genre, second, sum(count(*)) OVER (PARTITION BY country, genre ORDER BY second DESC) AS after
    FROM there GROUP BY country, genre, second
),
looking AS (
  SELECT a.q, coalesce(a.country, '') AS country, w.genre, w.place, w.n,
         coalesce(epoch_us(v.last_play_at) // 1000000, a.signed_up) AS since
    FROM asked a LEFT JOIN volume v USING (q)
    JOIN (SELECT q, genre, place, n FROM genres WHERE place <= 3 UNION ALL SELECT q, '|', 0, 0 FROM asked) w USING (q)
),
news AS (
  SELECT q, max(coalesce(after, 0)) FILTER (place = 0) AS new_titles,
         max(coalesce(after, 0)) FILTER (place = 1) AS new_in_top_genre,
         sum(coalesce(after, 0) * n) / nullif(sum(n), 0) AS new_fit
    FROM looking l ASOF LEFT JOIN shelves s ON s.country = l.country AND s.genre = l.genre AND s.second > l.since
   GROUP BY q
),
rows AS (
  SELECT *, last_gone IS NOT NULL AND NOT coalesce(returned_at >= last_gone, false)
            AND NOT coalesce(valid_from > last_gone AND (said IS NULL OR said >= "at"), false) AS gone
    FROM (SELECT a.* EXCLUDE (cancelled_at), a.cancelled_at AS said, c.cancelled_at AS last_gone,
                 r.came_at AS returned_at, r.age AS return_age, v.* EXCLUDE (q), h.* EXCLUDE (q), b.* EXCLUDE (q),
                 t.* EXCLUDE (q), d.* EXCLUDE (q), p.* EXCLUDE (q), g.* EXCLUDE (q), f.* EXCLUDE (q), w.* EXCLUDE (q),
                 n.* EXCLUDE (q)
            FROM asked a LEFT JOIN volume v USING (q) LEFT JOIN rhythm h USING (q) LEFT JOIN breadth b USING (q)
            LEFT JOIN top_hours t USING (q) LEFT JOIN devices d USING (q) LEFT JOIN completion p USING (q)
            LEFT JOIN taste g USING (q) LEFT JOIN fatigue f USING (q) LEFT JOIN answers w USING (q)
            LEFT JOIN news n USING (q) LEFT JOIN returned r USING (q) LEFT JOIN cancelled c USING (q))
)
SELECT member_id, "at", zone AS timezone, favourite_genres, signed_up_at, gone AS cancelled, last_play_at,
       (now - signed_up) / 86400 AS tenure_days, country, language, plan,
       CASE WHEN gone THEN 'cancelled' WHEN plays IS NULL THEN 'never played' ELSE 'stopped' END AS lapse_kind,
       (now - coalesce(epoch_us(last_play_at) // 1000000, signed_up)) / 86400 AS days_since_play,
       CASE WHEN gone THEN (now - epoch_us(last_gone) // 1000000) / 86400 END AS days_since_cancel,
       return_age / 86400 AS days_since_return, coalesce(comebacks, 0)::DOUBLE AS comebacks,
       first_age / 86400 AS days_since_first_play, coalesce(plays_7d, 0)::DOUBLE AS plays_7d,
       coalesce(plays_30d, 0)::DOUBLE AS plays_30d, coalesce(plays_90d, 0)::DOUBLE AS plays_90d,
       coalesce(plays_365d, 0)::DOUBLE AS plays_365d, coalesce(plays, 0)::DOUBLE AS plays_lifetime,
       coalesce(titles, 0)::DOUBLE AS titles_lifetime, coalesce(active_days, 0)::DOUBLE AS active_days,
       plays / active_days AS plays_an_active_day, coalesce(minutes, 0) AS minutes_lifetime, minutes_a_play,
       month / plays AS last_month_share, month / two_months AS month_trend, active_days / viewing_days AS active_share,
       gap_mean, gap_spread,
       (now - coalesce(epoch_us(last_play_at) // 1000000, signed_up)) / 86400 / gap_mean AS overdue,
       coalesce(genres_lifetime, 0)::DOUBLE AS genres_lifetime, genre_breadth, top_genre, top_genre_share,
       second_genre_share, completion, device, device_share, top_hour::DOUBLE AS top_hour, evening_share, weekend_share,
       hour_breadth, coalesce(mails, 0)::DOUBLE AS mails_lifetime, coalesce(mails_90d, 0)::DOUBLE AS mails_90d,
       coalesce(mails_since_play, 0)::DOUBLE AS mails_since_play, mail_age / 86400 AS days_since_mail,
       coalesce(answered, 0)::DOUBLE AS mails_answered, coalesce(answered, 0) / mails AS answer_share,
       coalesce(new_titles, 0)::DOUBLE AS new_titles, coalesce(new_in_top_genre, 0)::DOUBLE AS new_in_top_genre,
       coalesce(new_fit, 0)::DOUBLE AS new_fit
  FROM rows
