-- A text that is written like a date, as :Y-M-D; any other without a mark.
--
-- Only where the parts stand is told here, not whether there is such a day. A mark of
-- the text's own is none, and there is no year 0000.

create or replace temporary macro marked_date(value) as
regexp_replace(
    regexp_replace(
        regexp_replace(
            regexp_replace(
                regexp_replace(value, '^:', ';'),
                '^([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})( ([01]?[0-9]|2[0-3])(:[0-5][0-9]){1,2})?$', -- noqa: LT05
                ':\3-\1-\2'
            ),
            '^([0-9]{1,2})[.]([0-9]{1,2})[.]([0-9]{4})( ([01]?[0-9]|2[0-3])(:[0-5][0-9]){1,2})?$', -- noqa: LT05
            ':\3-\2-\1'
        ),
        '^([0-9]{4})-([0-9]{2})-([0-9]{2})([T ]([01][0-9]|2[0-3])(:[0-5][0-9](:[0-5][0-9]([.,][0-9]+)?)?)?(Z|[+-]([01][0-9]|2[0-3])(:?[0-5][0-9])?)?)?$', -- noqa: LT05
        ':\1-\2-\3'
    ),
    '^:0000',
    ''
)
