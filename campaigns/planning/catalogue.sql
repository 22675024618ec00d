-- looked_for
-- Titles that members opened on their welcome page though no mail had shown them, and what came first when they searched.
SELECT member_id, title_id FROM openings WHERE member_id = ANY(%(members)s) AND at >= %(since)s AND at < %(until)s
UNION
SELECT member_id, titles[1] FROM searches
 WHERE member_id = ANY(%(members)s) AND at >= %(since)s AND at < %(until)s AND cardinality(titles) > 0;
