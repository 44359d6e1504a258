-- A text that is written like a date, as :Y-M-D; any other as it stands.
--
-- Only where the parts stand is told here, not whether there is such a day. The three
-- styles are one pattern, because each pattern of a query is compiled for each column:
-- M/D/YYYY and D.M.YYYY with or without H:mm[:ss], and ISO 8601.

create or replace temporary macro marked_date(value) as
regexp_replace(
    value,
    '^(?:([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})(?: (?:[01]?[0-9]|2[0-3])(?::[0-5][0-9]){1,2})?|([0-9]{1,2})[.]([0-9]{1,2})[.]([0-9]{4})(?: (?:[01]?[0-9]|2[0-3])(?::[0-5][0-9]){1,2})?|([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ](?:[01][0-9]|2[0-3])(?::[0-5][0-9](?::[0-5][0-9](?:[.,][0-9]+)?)?)?(?:Z|[+-](?:[01][0-9]|2[0-3])(?::?[0-5][0-9])?)?)?)$', -- noqa: LT05
    ':\3\6\7-\1\5\8-\2\4\9'
)
